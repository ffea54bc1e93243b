-- Outcomes that a dead worker had read and that were perhaps never recorded
-- (P8): taken as they come. Of a run that is not there, journaled as an alarm.
CREATE FUNCTION hand_in_facts(p_run bigint, p_batch bigint, p_worker uuid, p_facts jsonb) RETURNS integer
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM run WHERE id = p_run) THEN
        PERFORM journal_act('alarm', 'program', 'The ledger of worker ' || left(p_worker::text, 8)
            || ' tells of run ' || p_run || ', which is not there.', NULL, jsonb_build_object('facts', p_facts));
        RETURN 0;
    END IF;
    RETURN record_facts(p_run, p_batch, 'ledger of worker ' || left(p_worker::text, 8), p_facts);
END
$$;

-- End a run whose audience is empty or larger than its campaign may have.
CREATE FUNCTION stop_selecting(p_run run, p_count integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_reason text := CASE WHEN p_run.submission_id IS NOT NULL
        THEN 'The address is suppressed: nothing is sent to it. Release it under Suppressions, then submit it again with another id.'
        WHEN p_count = 0
        THEN 'The audience has nobody to write to. Add people to it or choose another, then verify again.'
        ELSE 'A personal campaign goes to at most ' || p_run.max_recipients || ' people and this audience has '
             || p_count || '. Choose a smaller audience, or make it a bulk campaign.' END;
BEGIN
    UPDATE run SET state = 'stopped', owner = NULL, reason = v_reason, finished_at = now(),
                   epoch = epoch + 1
    WHERE id = p_run.id;
    PERFORM journal_act('stopped', 'program', v_reason, p_run.id);
END
$$;

-- Take a locked batch from its owner: what was begun and has no outcome is
-- unknown, the rest was never begun and is free. `p_why` ends the journal's
-- sentence and `p_cause` groups the unknowns. The unknown tries are kept with their
-- worker's id: its ledger may tell later that they were not sent (P12).
-- Locks: state rows in order of n.
CREATE FUNCTION free_batch(p_batch batch, p_why text, p_cause text) RETURNS void
LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    v_facts jsonb;
BEGIN
    SELECT jsonb_agg(jsonb_build_object('n', p_batch.item_n[p], 'attempt', p_batch.item_attempt[p],
        'kind', 'unknown', 'cause', p_cause, 'text', 'The worker ' || p_why || '; no reply is known.'))
    INTO v_facts FROM unanswered(p_batch) AS p WHERE p_batch.stage = 'dispatch';
    PERFORM record_facts(p_batch.run_id, p_batch.id, 'program', v_facts);
    INSERT INTO lost_try (worker, run_id, n, attempt, claim)
    SELECT p_batch.owner, p_batch.run_id, f.n, f.attempt, p_batch.claim
    FROM jsonb_to_recordset(coalesce(v_facts, '[]')) AS f (n integer, attempt smallint);
    PERFORM journal_act('reaped', 'program', 'Worker ' || left(p_batch.owner::text, 8) || ' ' || p_why || '; batch '
        || p_batch.id || ' was taken from it.', p_batch.run_id,
        jsonb_build_object('batch', p_batch.id, 'unknown', coalesce(jsonb_array_length(v_facts), 0)));
    UPDATE batch SET owner = NULL, answered = started_upto,
        stage = CASE WHEN stage = 'dispatch' AND started_upto >= cardinality(item_n)
                     THEN 'done' ELSE stage END
    WHERE id = p_batch.id;
END
$$;

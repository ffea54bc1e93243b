-- P7: take one batch from a silent worker. What was begun and has no outcome is
-- unknown; the rest was never begun and is free. Returns the batch, or NULL.
-- Locks: the batch row, then state rows in order of n.
CREATE FUNCTION reap_batch() RETURNS bigint
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    v_batch batch%ROWTYPE;
    v_facts jsonb;
    v_state text;
BEGIN
    SELECT b.* INTO v_batch FROM batch b LEFT JOIN worker w ON w.id = b.owner
    WHERE b.owner IS NOT NULL AND (w.id IS NULL OR w.alive_until < now())
    LIMIT 1 FOR UPDATE OF b SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT jsonb_agg(jsonb_build_object('n', v_batch.item_n[p], 'attempt', v_batch.item_attempt[p],
        'kind', 'unknown', 'cause', 'worker lost',
        'text', 'The worker fell silent; no reply is known.'))
    INTO v_facts FROM unanswered(v_batch) AS p WHERE v_batch.stage = 'dispatch';
    PERFORM record_facts(v_batch.run_id, v_batch.id, 'program', v_facts);
    SELECT state INTO v_state FROM run WHERE id = v_batch.run_id;
    PERFORM journal_act('reaped', 'program', 'Worker ' || v_batch.owner || ' fell silent; batch '
        || v_batch.id || ' was taken from it.', v_batch.run_id,
        jsonb_build_object('batch', v_batch.id, 'unknown', coalesce(jsonb_array_length(v_facts), 0)));
    UPDATE batch SET owner = NULL, answered = started_upto,
        stage = CASE WHEN stage = 'dispatch' AND started_upto >= cardinality(item_n)
                     THEN 'done' ELSE stage END
    WHERE id = v_batch.id;
    RETURN v_batch.id;
END
$$;

-- P4: become the owner of one due batch of a stage, by looking. Urgent runs
-- first, equal ones in turns. Returns no row when nothing is due.
-- Lock: the batch row, skipping those that others hold.
CREATE FUNCTION claim_batch(p_stage text, p_worker uuid)
RETURNS SETOF batch
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    v_run bigint;
    v_batch bigint;
BEGIN
    FOR v_run IN
        SELECT id FROM run
        WHERE state = CASE p_stage WHEN 'prepare' THEN 'preparing' ELSE 'running' END
        ORDER BY priority DESC, random()
    LOOP
        SELECT id INTO v_batch FROM batch
        WHERE run_id = v_run AND stage = p_stage AND owner IS NULL
          AND due_at <= now() AND now() < until
          -- Said aloud, so that a plan made for any stage may use batch_due.
          AND stage <> 'done' AND due_at IS NOT NULL
        ORDER BY due_at LIMIT 1
        FOR UPDATE SKIP LOCKED;
        IF FOUND THEN
            RETURN QUERY UPDATE batch SET owner = p_worker, claim = claim + 1, rung_at = NULL
                         WHERE id = v_batch RETURNING *;
            RETURN;
        END IF;
    END LOOP;
END
$$;

-- P10: gather due retries of one running run, lane and zone into a new batch.
-- Its items point at the bytes of the batch they came from. Returns its id, or
-- NULL when no retry is due.
CREATE FUNCTION make_retry_batch() RETURNS bigint
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    v_first retry%ROWTYPE;
    v_batch bigint;
BEGIN
    SELECT t.* INTO v_first FROM retry t JOIN run r ON r.id = t.run_id
    WHERE t.due_at <= now() AND r.state = 'running'
    ORDER BY r.priority DESC, t.due_at LIMIT 1
    FOR UPDATE OF t SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    WITH gone AS (
        DELETE FROM retry WHERE (run_id, n, attempt) IN (
            SELECT run_id, n, attempt FROM retry
            WHERE run_id = v_first.run_id AND lane = v_first.lane AND zone = v_first.zone
              AND due_at <= now()
            ORDER BY due_at LIMIT 100 FOR UPDATE SKIP LOCKED)
        RETURNING n, attempt, source, index)
    INSERT INTO batch (run_id, lane, zone, stage, priority, due_at, is_retry,
                       item_n, item_attempt, item_source, item_index)
    SELECT v_first.run_id, v_first.lane, v_first.zone, 'dispatch', r.priority, now(), true,
           array_agg(n ORDER BY n), array_agg(attempt ORDER BY n),
           array_agg(source ORDER BY n), array_agg(index ORDER BY n)
    FROM gone, run r WHERE r.id = v_first.run_id GROUP BY r.priority
    RETURNING id INTO v_batch;
    PERFORM pg_notify('postroad_dispatch', v_first.run_id::text);
    RETURN v_batch;
END
$$;

-- Put one row in place of a run's many deltas of one state, and of one class of
-- replies, once there are more than 500, so that the live page reads few.
-- Returns how many rows went.
-- Lock: the run row, so that a recount and this never count in one another's
-- rows; a run that another holds is left for the next time.
CREATE FUNCTION compact_counts() RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    v_run bigint;
    v_gone integer := 0;
BEGIN
    FOR v_run IN SELECT run_id FROM count_delta GROUP BY run_id HAVING count(*) > 500 LOOP
        PERFORM 1 FROM run WHERE id = v_run FOR NO KEY UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        WITH gone AS (DELETE FROM count_delta WHERE run_id = v_run RETURNING state, change),
        kept AS (INSERT INTO count_delta (run_id, state, change)
                 SELECT v_run, state, sum(change) FROM gone GROUP BY state HAVING sum(change) <> 0)
        SELECT v_gone + count(*) INTO v_gone FROM gone;
    END LOOP;
    FOR v_run IN SELECT run_id FROM reply_delta GROUP BY run_id HAVING count(*) > 500 LOOP
        WITH gone AS (DELETE FROM reply_delta WHERE run_id = v_run
                      RETURNING fact, code, enhanced, text, lane, change),
        kept AS (INSERT INTO reply_delta (run_id, fact, code, enhanced, text, lane, change)
                 SELECT v_run, fact, code, enhanced, min(text), lane, sum(change)
                 FROM gone GROUP BY fact, code, enhanced, lane)
        SELECT v_gone + count(*) INTO v_gone FROM gone;
    END LOOP;
    RETURN v_gone;
END
$$;

-- Count a run's states again from the state rows and put the result in place
-- of its deltas; what came about in each lane stays. A difference is journaled as an alarm. Returns the difference,
-- 0 when the counters were right.
-- Lock: count_delta of this run, through the run row held by the caller.
CREATE FUNCTION recount_run(p_run bigint) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    v_difference integer;
BEGIN
    PERFORM settle_counts(p_run);
    WITH gone AS (
        DELETE FROM count_delta WHERE run_id = p_run RETURNING state, change, lane
    ), was AS (
        SELECT state, sum(change)::integer AS count FROM gone GROUP BY state
    ), truth AS (
        SELECT state, count(*)::integer AS count FROM delivery_state WHERE run_id = p_run GROUP BY state
    ), kept AS (
        INSERT INTO count_delta (run_id, state, change, is_sum, lane)
        SELECT p_run, state, sum(change), true, lane
        FROM (SELECT state, count AS change, '' AS lane FROM truth
              UNION ALL SELECT state, -change, '' FROM gone WHERE lane <> ''
              UNION ALL SELECT state, change, lane FROM gone WHERE lane <> '') AS d
        GROUP BY state, lane HAVING sum(change) <> 0
    )
    SELECT coalesce(sum(abs(coalesce(w.count, 0) - coalesce(t.count, 0))), 0) INTO v_difference
    FROM was w FULL JOIN truth t USING (state);
    UPDATE run SET recounted_at = now() WHERE id = p_run;
    IF v_difference <> 0 THEN
        PERFORM journal_act('alarm', 'program', 'The counters differed from the states by '
                            || v_difference || '; they were corrected.', p_run);
    END IF;
    RETURN v_difference;
END
$$;

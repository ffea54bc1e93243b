-- Settle the counts of the runs that have fresh deltas: at most one row every few
-- seconds of each run is left to the live page and to its pace, and never many
-- more than 500. Returns how many rows went.
-- Locks: an advisory one, as settle_counts; then each run row, so that a recount
-- and this never count in one another's rows; a run that another holds is left
-- for the next time.
CREATE FUNCTION compact_counts() RETURNS integer
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    v_run bigint;
    v_gone integer := 0;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('postroad counts')) THEN
        RETURN 0;
    END IF;
    FOR v_run IN
        SELECT run_id FROM (
            SELECT run_id, count(*) AS fresh FROM count_delta WHERE NOT is_sum GROUP BY run_id
            UNION ALL
            SELECT run_id, count(*) FROM reply_delta WHERE NOT is_sum GROUP BY run_id) AS f
        GROUP BY run_id
        HAVING sum(fresh) > 500 OR NOT EXISTS (
            SELECT FROM run_pace p WHERE p.run_id = f.run_id
               AND p.at > now() - make_interval(secs => p.span_s))
        ORDER BY run_id
    LOOP
        PERFORM 1 FROM run WHERE id = v_run FOR NO KEY UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        v_gone := v_gone + settle_counts(v_run);
    END LOOP;
    PERFORM settle_latencies();
    RETURN v_gone;
END
$$;

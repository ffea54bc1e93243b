-- How many recipients of a run are in each state, from the counters.
CREATE FUNCTION run_counts(p_run bigint) RETURNS TABLE (state text, count bigint)
LANGUAGE sql STABLE AS $$
    SELECT state, sum(change) FROM count_delta WHERE run_id = p_run
    GROUP BY state HAVING sum(change) <> 0
$$;

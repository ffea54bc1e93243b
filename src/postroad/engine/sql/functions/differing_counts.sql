-- How a run's recipients, states and counters differ; NULL where they agree. Facts
-- change states and counters together, so one statement sees them agree at any moment.
CREATE FUNCTION differing_counts(p_run run) RETURNS text
LANGUAGE sql STABLE AS $$
    WITH truth AS (
        SELECT state, count(*) AS count FROM delivery_state WHERE run_id = p_run.id GROUP BY state
    ), kept AS (
        SELECT state, sum(change) AS count FROM count_delta WHERE run_id = p_run.id GROUP BY state
    ), differing AS (
        SELECT state, coalesce(t.count, 0) AS truth, coalesce(k.count, 0) AS kept
        FROM truth t FULL JOIN kept k USING (state)
        WHERE coalesce(t.count, 0) <> coalesce(k.count, 0))
    SELECT CASE
        WHEN p_run.recipients <> (SELECT coalesce(sum(count), 0) FROM truth)
        THEN p_run.recipients || ' recipients, but ' || (SELECT coalesce(sum(count), 0) FROM truth) || ' states'
        WHEN EXISTS (SELECT FROM differing)
        THEN 'counters differ from the states: ' || (
            SELECT string_agg(state || ' ' || kept || ' instead of ' || truth, ', ' ORDER BY state) FROM differing)
        END
$$;

-- Every waiting retry of the live runs becomes an item of a batch that no worker
-- can claim (not released), for purge_queue. Returns how many there were.
-- Locks: state rows in order of run and n, then their retry rows, as a late
-- reply does; one that makes a batch of the same retries is waited for.
CREATE FUNCTION gather_retries() RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    v_runs bigint[];
    v_ns integer[];
    v_count integer;
BEGIN
    SELECT array_agg(run_id), array_agg(n) INTO v_runs, v_ns FROM (
        SELECT s.run_id, s.n FROM delivery_state s
        WHERE (s.run_id, s.n) IN (
            SELECT t.run_id, t.n FROM retry t JOIN run r ON r.id = t.run_id
            WHERE r.state NOT IN ('finished', 'stopped'))
        ORDER BY s.run_id, s.n FOR UPDATE) AS locked;
    WITH gone AS (
        DELETE FROM retry t USING unnest(v_runs, v_ns) AS l (run_id, n)
        WHERE t.run_id = l.run_id AND t.n = l.n
        RETURNING t.run_id, t.n, t.attempt, t.source, t.index, t.lane, t.zone
    ), bite AS (
        SELECT *, (row_number() OVER (PARTITION BY run_id, lane, zone ORDER BY n, attempt) - 1)
                  / 100 AS number
        FROM gone
    ), made AS (
        INSERT INTO batch (run_id, lane, zone, stage, is_retry,
                           item_n, item_attempt, item_source, item_index)
        SELECT run_id, lane, zone, 'dispatch', true,
               array_agg(n ORDER BY n, attempt), array_agg(attempt ORDER BY n, attempt),
               array_agg(source ORDER BY n, attempt), array_agg(index ORDER BY n, attempt)
        FROM bite GROUP BY run_id, lane, zone, number)
    SELECT count(*) INTO v_count FROM gone;
    RETURN v_count;
END
$$;

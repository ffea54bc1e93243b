-- Up to `p_most` unknowns that a look-up is to be asked about, and for `p_lease` seconds
-- nobody else asks. Asked twice, after a worker was lost, does no harm: the answer
-- names the attempt. `relay`, `lookup` and `ca_file` are those of the relay that the
-- try went through, '' where it is gone; `at` is when it became unknown.
-- Locks: the rows of attention, skipped where another has them; nothing after.
CREATE FUNCTION claim_lookups(p_most integer, p_patience double precision, p_lease double precision)
RETURNS TABLE (run_id bigint, n integer, attempt smallint, message_id text, address text, at timestamptz,
              relay text, lookup text, ca_file text)
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
    RETURN QUERY
    WITH due AS MATERIALIZED (
        SELECT a.run_id, a.n FROM attention a
        WHERE a.policy = 'look_up' AND a.since <= now() - make_interval(secs => p_patience)
          AND (a.asked_at IS NULL OR a.asked_at <= now() - make_interval(secs => p_lease))
        ORDER BY a.since LIMIT p_most FOR UPDATE SKIP LOCKED
    ), asked AS (
        UPDATE attention a SET asked_at = now() FROM due
        WHERE a.run_id = due.run_id AND a.n = due.n RETURNING a.run_id, a.n, a.since)
    SELECT a.run_id, a.n, s.attempt, d.message_id, d.address, coalesce(t.at, a.since),
           coalesce(y.name, ''), coalesce(y.lookup, ''), coalesce(y.ca_file, '')
    FROM asked a
    JOIN run r ON r.id = a.run_id
    JOIN delivery d ON d.run_id = a.run_id AND d.n = a.n
    JOIN delivery_state s ON s.run_id = a.run_id AND s.n = a.n AND s.state = 'unknown'
    LEFT JOIN LATERAL (
        SELECT coalesce(j.relay_id, b.relay_id) AS relay_id, j.at
        FROM journal j LEFT JOIN batch b ON b.id = j.batch_id
        WHERE j.run_id = a.run_id AND j.n = a.n AND j.recorded_at >= r.created_at
          AND j.kind = 'unknown' AND j.attempt = s.attempt
        ORDER BY j.id LIMIT 1) t ON true
    LEFT JOIN relay y ON y.id = coalesce(t.relay_id, r.relay_id);
END
$$;

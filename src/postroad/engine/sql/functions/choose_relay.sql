-- The relay for the next batch of a run: one of those in use and not blocked by
-- a limit, by weight; weight 0 only where every other is out of use. NULL: none.
CREATE FUNCTION choose_relay(p_run bigint, p_patience interval DEFAULT '0') RETURNS bigint
LANGUAGE sql VOLATILE AS $$
    WITH usable AS (
        SELECT r.relay_id, r.weight, coalesce(b.blocked_until, '-infinity') > now() + p_patience AS is_blocked
        FROM run_relay r
        LEFT JOIN bucket b ON b.kind = 'relay' AND b.key = r.relay_id::text
        WHERE r.run_id = p_run
          AND NOT EXISTS (SELECT FROM relay_health h WHERE h.relay_id = r.relay_id
                          AND h.stopped_at IS NOT NULL AND coalesce(h.retry_at, 'infinity') > now()))
    SELECT relay_id FROM usable
    WHERE NOT is_blocked AND (weight > 0 OR NOT EXISTS (SELECT FROM usable WHERE weight > 0))
    ORDER BY -ln(1 - random()) / GREATEST(weight, 1) LIMIT 1
$$;

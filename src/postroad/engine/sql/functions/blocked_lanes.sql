-- Lanes that a limit blocks for now at a relay: their own, or a slow-down.
CREATE FUNCTION blocked_lanes(p_relay bigint, p_priority integer) RETURNS text[]
LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(CASE kind WHEN 'lane' THEN key ELSE substr(key, strpos(key, ' ') + 1) END), '{}')
    FROM bucket
    WHERE blocked_until > now() + patience(p_priority)
      AND (kind = 'lane' OR kind = 'slow' AND key LIKE p_relay || ' %')
$$;

-- Note how long one thing took, by the bounds that metrics tell (core/metrics.py).
-- Appends only, so that workers never wait for one another here.
CREATE FUNCTION note_latency(p_kind text, p_took interval) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO latency_delta (kind, bucket, seconds)
    SELECT p_kind, width_bucket(greatest(0.0, s), ARRAY[0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200]::float8[]), greatest(0.0, s)
    FROM (SELECT extract(epoch FROM p_took)::float8 AS s) AS took WHERE s IS NOT NULL
$$;

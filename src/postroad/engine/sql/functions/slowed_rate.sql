-- The rate of a slowed-down lane so long after it was last asked to slow down.
-- The same as slowed_rate in core/limits.py.
CREATE FUNCTION slowed_rate(p_per_minute integer, p_from integer, p_since interval) RETURNS integer
LANGUAGE sql IMMUTABLE AS $$
    SELECT LEAST(p_from, p_per_minute + GREATEST(1, p_from / 20)
        * GREATEST(0, LEAST(10000, floor(extract(epoch FROM p_since) / 60) - 9))::integer)
$$;

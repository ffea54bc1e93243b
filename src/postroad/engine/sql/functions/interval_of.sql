-- Microseconds between two moments of a rate, see core/limits.py.
CREATE FUNCTION interval_of(p_per_minute integer) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
    SELECT ceil(60000000 * 1.0125 / p_per_minute)::bigint
$$;

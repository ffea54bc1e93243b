-- For how many microseconds a token of a rate is good, see core/limits.py.
CREATE FUNCTION life_of(p_per_minute integer) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
    SELECT LEAST(500000, floor(0.6 * LEAST(
        GREATEST(1, ceil(p_per_minute / 60.0)) * interval_of(p_per_minute) - 1000000,
        p_per_minute * interval_of(p_per_minute) - 60000000)))::bigint
$$;

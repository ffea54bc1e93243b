-- Set or lift the limits of a bucket. NULL lifts one; a rate takes effect with
-- the next moment, which is not brought forward.
CREATE FUNCTION set_bucket(p_kind text, p_key text, p_per_minute integer, p_per_day integer)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO bucket (kind, key, interval_us, per_day)
    VALUES (p_kind, p_key, coalesce(ceil(60000000.0 / p_per_minute)::bigint, 0), p_per_day)
    ON CONFLICT (kind, key) DO UPDATE
    SET interval_us = excluded.interval_us, per_day = excluded.per_day
$$;

-- Set or lift the limits of a bucket. NULL lifts one. A new rate takes effect
-- with the next moment, which is not brought forward; a warm-up goes on from
-- the day it began while its first day's figure stays.
CREATE FUNCTION set_bucket(p_kind text, p_key text, p_per_minute integer, p_per_day integer,
                           p_at_once integer DEFAULT NULL, p_ramp_first integer DEFAULT NULL,
                           p_ramp_percent integer DEFAULT NULL)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO bucket (kind, key, per_minute, interval_us, life_us, per_day, at_once,
                        ramp_first, ramp_percent, ramp_from)
    VALUES (p_kind, p_key, p_per_minute, coalesce(interval_of(p_per_minute), 0),
            coalesce(life_of(p_per_minute), 0), p_per_day, p_at_once, p_ramp_first, p_ramp_percent,
            CASE WHEN p_ramp_first IS NOT NULL THEN now() END)
    ON CONFLICT (kind, key) DO UPDATE
    SET per_minute = excluded.per_minute, interval_us = excluded.interval_us, life_us = excluded.life_us,
        per_day = excluded.per_day, at_once = excluded.at_once,
        ramp_from = CASE WHEN bucket.ramp_first = excluded.ramp_first THEN bucket.ramp_from
                         ELSE excluded.ramp_from END,
        ramp_first = excluded.ramp_first, ramp_percent = excluded.ramp_percent,
        hole_us = '{}', hole_count = '{}', blocked_until = '-infinity'
$$;

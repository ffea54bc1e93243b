-- How many mails a bucket may have in any 24 hours at a moment; NULL is any
-- number. In a warm-up: `ramp_first`, each day `ramp_percent` more, up to per_day.
CREATE FUNCTION cap_of_day(p_bucket bucket, p_now timestamptz) RETURNS integer
LANGUAGE sql IMMUTABLE AS $$
    SELECT LEAST(p_bucket.per_day, CASE WHEN p_bucket.ramp_first IS NOT NULL THEN
        LEAST(2000000000, floor(p_bucket.ramp_first * power(1 + coalesce(p_bucket.ramp_percent, 0) / 100.0,
            LEAST(400, GREATEST(0, floor(extract(epoch FROM p_now - p_bucket.ramp_from) / 86400))))))::integer END)
$$;

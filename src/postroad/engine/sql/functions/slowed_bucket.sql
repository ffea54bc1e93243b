-- A slowed-down lane's bucket as it is by now: after ten minutes without another
-- request to slow down its rate grows by a twentieth of what it was, a minute.
-- Once it is what it was, there is no rate left. Others come back as they are.
CREATE FUNCTION slowed_bucket(p_bucket bucket, p_now timestamptz) RETURNS bucket
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    v_rate integer;
BEGIN
    IF p_bucket.kind = 'slow' THEN
        v_rate := slowed_rate(p_bucket.per_minute, p_bucket.slow_from, p_now - p_bucket.slow_at);
        p_bucket.interval_us := CASE WHEN v_rate < p_bucket.slow_from THEN interval_of(v_rate) ELSE 0 END;
        p_bucket.life_us := life_of(v_rate);
    END IF;
    RETURN p_bucket;
END
$$;

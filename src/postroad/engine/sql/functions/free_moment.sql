-- The first free moment of a bucket that is not before `p_at`.
CREATE FUNCTION free_moment(p_bucket bucket, p_at bigint) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    v_place bigint;
BEGIN
    FOR i IN 1 .. cardinality(p_bucket.hole_us) LOOP
        v_place := GREATEST(0, (p_at - p_bucket.hole_us[i] + p_bucket.interval_us - 1)
                               / p_bucket.interval_us);
        IF v_place < p_bucket.hole_count[i] THEN
            RETURN p_bucket.hole_us[i] + v_place * p_bucket.interval_us;
        END IF;
    END LOOP;
    RETURN GREATEST(p_at, p_bucket.next_us);
END
$$;

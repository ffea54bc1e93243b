-- A bucket without the free moment `p_at`. What lies between the front and a
-- later moment stays free, for windows with a faster lane.
CREATE FUNCTION spend_moment(p_bucket bucket, p_at bigint) RETURNS bucket
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    v_step bigint := p_bucket.interval_us;
    v_place integer;
    v_us bigint[] := '{}';
    v_count integer[] := '{}';
BEGIN
    IF p_at >= p_bucket.next_us THEN
        v_place := (p_at - p_bucket.next_us) / v_step;
        IF v_place > 0 THEN
            p_bucket.hole_us := p_bucket.hole_us || p_bucket.next_us;
            p_bucket.hole_count := p_bucket.hole_count || v_place;
        END IF;
        p_bucket.next_us := p_at + v_step;
        RETURN p_bucket;
    END IF;
    FOR i IN 1 .. cardinality(p_bucket.hole_us) LOOP
        IF p_at BETWEEN p_bucket.hole_us[i] AND p_bucket.hole_us[i] + (p_bucket.hole_count[i] - 1) * v_step THEN
            v_place := (p_at - p_bucket.hole_us[i]) / v_step;
            IF v_place > 0 THEN
                v_us := v_us || p_bucket.hole_us[i]; v_count := v_count || v_place;
            END IF;
            IF p_bucket.hole_count[i] - v_place - 1 > 0 THEN
                v_us := v_us || (p_at + v_step);
                v_count := v_count || (p_bucket.hole_count[i] - v_place - 1);
            END IF;
        ELSE
            v_us := v_us || p_bucket.hole_us[i]; v_count := v_count || p_bucket.hole_count[i];
        END IF;
    END LOOP;
    p_bucket.hole_us := v_us; p_bucket.hole_count := v_count;
    RETURN p_bucket;
END
$$;

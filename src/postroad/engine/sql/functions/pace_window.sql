-- The moments of a window from those of its buckets that have a rate, and
-- these buckets written back. NULL `moments`: none has one. No moment near
-- enough: `due`, a little before the next.
CREATE FUNCTION pace_window(p_buckets bucket[], p_want integer, p_now timestamptz, p_urgent boolean,
                            OUT moments bigint[], OUT life_us bigint, OUT due timestamptz)
LANGUAGE plpgsql AS $$
DECLARE
    v_paced bucket[];
    v_bucket bucket;
    v_now bigint := micros(p_now);
    v_ahead bigint := CASE WHEN p_urgent THEN 2000000 ELSE 1000000 END;
    v_next bigint;
BEGIN
    FOREACH v_bucket IN ARRAY p_buckets LOOP
        v_bucket := slowed_bucket(v_bucket, p_now);
        IF v_bucket.interval_us > 0 THEN
            v_paced := v_paced || v_bucket;
            life_us := LEAST(life_us, v_bucket.life_us);
        END IF;
    END LOOP;
    IF v_paced IS NULL THEN
        RETURN;
    END IF;
    SELECT t.moments, t.buckets INTO moments, v_paced
    FROM take_moments(v_paced, p_want, v_now, v_ahead) t;
    FOREACH v_bucket IN ARRAY v_paced LOOP
        v_next := free_moment(v_bucket, v_now);
        UPDATE bucket SET next_us = v_bucket.next_us, hole_us = v_bucket.hole_us, hole_count = v_bucket.hole_count,
            blocked_until = CASE WHEN v_next > v_now + v_ahead THEN to_timestamp((v_next - 500000) / 1000000.0)
                                 ELSE blocked_until END
        WHERE kind = v_bucket.kind AND key = v_bucket.key;
        IF moments = '{}' THEN
            due := GREATEST(due, to_timestamp((v_next - 500000) / 1000000.0));
        END IF;
    END LOOP;
END
$$;

-- Up to `p_want` moments that suit every one of these buckets (all with a rate),
-- none later than `p_ahead` microseconds from `p_now`, and the buckets without
-- them. The same as take_moments in core/limits.py.
CREATE FUNCTION take_moments(p_buckets bucket[], p_want integer, p_now bigint, p_ahead bigint,
                             OUT moments bigint[], OUT buckets bucket[])
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    v_at bigint := p_now;
    v_before bigint;
    v_many integer;
BEGIN
    moments := '{}'; buckets := p_buckets;
    FOR i IN 1 .. cardinality(buckets) LOOP
        buckets[i] := tidy_bucket(buckets[i], p_now);
    END LOOP;
    IF cardinality(buckets) = 1 AND buckets[1].hole_us = '{}' THEN
        -- The common case in one go.
        IF buckets[1].next_us <= p_now + p_ahead THEN
            v_many := LEAST(p_want, (p_now + p_ahead - buckets[1].next_us) / buckets[1].interval_us + 1);
            moments := ARRAY(SELECT buckets[1].next_us + k * buckets[1].interval_us
                             FROM generate_series(0, v_many - 1) k);
            buckets[1].next_us := buckets[1].next_us + v_many * buckets[1].interval_us;
        END IF;
        RETURN;
    END IF;
    WHILE cardinality(moments) < p_want LOOP
        LOOP
            v_before := v_at;
            FOR i IN 1 .. cardinality(buckets) LOOP
                v_at := free_moment(buckets[i], v_at);
            END LOOP;
            EXIT WHEN v_at = v_before;
        END LOOP;
        EXIT WHEN v_at > p_now + p_ahead;
        FOR i IN 1 .. cardinality(buckets) LOOP
            buckets[i] := spend_moment(buckets[i], v_at);
        END LOOP;
        moments := moments || v_at;
    END LOOP;
END
$$;

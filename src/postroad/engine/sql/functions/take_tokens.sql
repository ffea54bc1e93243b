-- P5 (d): take up to `p_want` tokens from a bucket. A token names its moment;
-- the moments taken span at most 1 s. Returns how many, the first moment and
-- the step between two; none: `first_at` is when there will be one.
-- Lock: the bucket row, until the window commits.
CREATE FUNCTION take_tokens(p_kind text, p_key text, p_want integer,
                            OUT granted integer, OUT first_at timestamptz, OUT step interval)
LANGUAGE plpgsql AS $$
DECLARE
    v_bucket bucket%ROWTYPE;
    v_now timestamptz;
    v_left integer;
BEGIN
    SELECT * INTO v_bucket FROM bucket WHERE kind = p_kind AND key = p_key FOR UPDATE;
    -- The clock after the lock: a wait for it must not lend moments in the past.
    v_now := clock_timestamp();
    granted := p_want; first_at := v_now; step := interval '0';
    IF v_bucket.kind IS NULL THEN
        RETURN;
    END IF;
    IF v_bucket.per_day IS NOT NULL THEN
        v_left := v_bucket.per_day - used_in_a_day(p_kind, p_key, v_now);
        IF v_left <= 0 THEN
            granted := 0; first_at := next_of_day(p_kind, p_key, v_bucket.per_day, v_now);
            RETURN;
        END IF;
        granted := LEAST(granted, v_left);
    END IF;
    IF v_bucket.interval_us > 0 THEN
        step := v_bucket.interval_us * interval '1 microsecond';
        first_at := GREATEST(v_now, v_bucket.next_at);
        IF first_at > v_now + interval '1 second' THEN
            granted := 0;
        ELSE
            granted := LEAST(granted, 1 + floor(
                extract(epoch FROM v_now + interval '1 second' - first_at) * 1000000
                / v_bucket.interval_us)::integer);
        END IF;
    END IF;
END
$$;

-- How many mails of a batch a bucket lets begin, its rate apart, at most
-- `p_want`; none: `free_at` is when asking again is worth it. Mails at once
-- become free with an outcome, which nobody knows the time of.
CREATE FUNCTION room_in_bucket(p_bucket bucket, p_batch batch, p_want integer, p_now timestamptz,
                               OUT room integer, OUT free_at timestamptz)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_cap integer := cap_of_day(p_bucket, p_now);
BEGIN
    room := p_want;
    IF v_cap IS NOT NULL THEN
        room := LEAST(room, v_cap - used_in_a_day(p_bucket.kind, p_bucket.key, p_now));
        IF room <= 0 THEN
            free_at := next_of_day(p_bucket.kind, p_bucket.key, v_cap, p_now);
            RETURN;
        END IF;
    END IF;
    IF p_bucket.at_once IS NOT NULL THEN
        room := LEAST(room, p_bucket.at_once - begun_at_once(p_bucket, p_batch));
        IF room <= 0 THEN
            free_at := p_now + interval '1 second';
        END IF;
    END IF;
END
$$;

-- P5 (d): tokens for `p_want` mails from the buckets of relay, lane and
-- campaign, locked in that order.
--   granted  how many may begin; with `moments` the k-th mail that begins does so
--            within life_us of moments[k]; without, at once
--   due      none: when asking again is worth it, in time for the next moment
--   is_full  none because so many are begun at once: ask with the next outcome
-- An urgent run takes moments twice as far ahead, so that others leave it some.
CREATE FUNCTION take_window_tokens(p_batch batch, p_want integer,
    OUT granted integer, OUT moments bigint[], OUT life_us bigint, OUT due timestamptz, OUT is_full boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_run run%ROWTYPE;
    v_buckets bucket[];
    v_bucket bucket;
    v_now timestamptz;
    v_room record;
BEGIN
    granted := p_want; is_full := false;
    SELECT * INTO v_run FROM run WHERE id = p_batch.run_id;
    due := relay_rests_until(p_batch.relay_id, v_run.id);
    IF due IS NOT NULL THEN
        granted := 0;
        RETURN;
    END IF;
    v_buckets := lock_buckets(p_batch, v_run.campaign_id);
    IF v_buckets IS NULL OR p_want = 0 THEN
        RETURN;
    END IF;
    -- The clock after the locks: a wait for them must not lend moments in the past.
    v_now := clock_timestamp();
    FOREACH v_bucket IN ARRAY v_buckets LOOP
        SELECT * INTO v_room FROM room_in_bucket(v_bucket, p_batch, p_want, v_now);
        granted := LEAST(granted, GREATEST(v_room.room, 0));
        IF v_room.room <= 0 THEN
            due := GREATEST(due, v_room.free_at);
            is_full := v_room.free_at <= v_now + interval '1 second';
            UPDATE bucket SET blocked_until = v_room.free_at
            WHERE kind = v_bucket.kind AND key = v_bucket.key;
        END IF;
    END LOOP;
    IF granted > 0 THEN
        SELECT p.moments, p.life_us, p.due INTO moments, life_us, due
        FROM pace_window(v_buckets, granted, v_now, v_run.priority > 0) p;
        granted := coalesce(cardinality(moments), granted);
        PERFORM count_in_day(v_buckets, granted, v_now);
    END IF;
END
$$;

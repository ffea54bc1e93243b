-- A relay or a provider behind it asked for fewer mails of a lane: half the
-- rate, no less than 6 a minute, from the lower limit of lane and relay or, where
-- there is none, from 600. Requests within half a minute are one: they come of
-- mails that were on their way together.
CREATE FUNCTION slow_down_lane(p_relay bigint, p_lane text, p_times integer, p_reply text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_key text := p_relay || ' ' || p_lane;
    v_old bucket%ROWTYPE;
    v_from integer;
    v_rate integer;
BEGIN
    SELECT * INTO v_old FROM bucket WHERE kind = 'slow' AND key = v_key FOR UPDATE;
    IF v_old.slow_at > now() - interval '30 seconds' THEN
        UPDATE bucket SET slow_times = slow_times + p_times, slow_reply = p_reply
        WHERE kind = 'slow' AND key = v_key;
        RETURN;
    END IF;
    SELECT coalesce(v_old.slow_from, min(per_minute), 600) INTO v_from FROM bucket
    WHERE (kind = 'relay' AND key = p_relay::text) OR (kind = 'lane' AND key = p_lane);
    v_rate := coalesce(slowed_rate(v_old.per_minute, v_old.slow_from, now() - v_old.slow_at), v_from);
    v_rate := LEAST(v_from, GREATEST(6, v_rate / 2));
    INSERT INTO bucket (kind, key, per_minute, interval_us, life_us, slow_from, slow_at, slow_times, slow_reply)
    VALUES ('slow', v_key, v_rate, interval_of(v_rate), life_of(v_rate), v_from, now(), p_times, p_reply)
    ON CONFLICT (kind, key) DO UPDATE
    SET per_minute = v_rate, interval_us = excluded.interval_us, life_us = excluded.life_us,
        slow_at = now(), slow_times = bucket.slow_times + p_times, slow_reply = p_reply,
        hole_us = '{}', hole_count = '{}';
    PERFORM journal_act('slowed_down', 'program', 'Lane ' || p_lane || ' goes on at ' || v_rate
        || ' a minute: it was asked to slow down.', NULL,
        jsonb_build_object('relay', p_relay, 'lane', p_lane, 'per_minute', v_rate, 'reply', p_reply));
END
$$;

-- P5 (c) and (d): of the mails after the mark up to `p_hi`, leave out the
-- suppressed and those that ended meanwhile, and take tokens for the rest, and
-- for `p_spare` below the mark that are still to begin: these come first.
-- `hi` is where the window really ends: where the tokens do.
CREATE FUNCTION open_window(p_batch batch, p_hi integer, p_spare integer, p_actor text,
    OUT status text, OUT hi integer, OUT passed smallint[],
    OUT moments double precision[], OUT life_s double precision, OUT wait_s double precision)
LANGUAGE plpgsql AS $$
DECLARE
    v_open smallint[];       -- positions that will be begun
    v_tokens record;
    v_new integer;           -- so many of them have a token
BEGIN
    SELECT coalesce(array_agg(i.place::smallint ORDER BY i.place)
                    FILTER (WHERE NOT i.is_suppressed AND NOT i.has_ended), '{}')
    INTO v_open FROM window_items(p_batch, p_hi) i;
    SELECT * INTO v_tokens FROM take_window_tokens(p_batch, cardinality(v_open) + p_spare);
    v_new := GREATEST(0, v_tokens.granted - p_spare);
    -- Those in front of the first that needs a token are settled all the same.
    hi := CASE WHEN v_new < cardinality(v_open) THEN v_open[v_new + 1] - 1 ELSE p_hi END;
    IF v_tokens.granted = 0 AND cardinality(v_open) + p_spare > 0 THEN
        status := 'wait';
        wait_s := CASE WHEN v_tokens.is_full THEN 0
                       ELSE GREATEST(0.02, extract(epoch FROM v_tokens.due - clock_timestamp())) END;
    ELSE
        status := 'granted';
        life_s := v_tokens.life_us / 1000000.0;
        IF v_tokens.moments IS NOT NULL THEN
            moments := ARRAY(SELECT m / 1000000.0::double precision FROM unnest(v_tokens.moments) m);
        END IF;
    END IF;
    passed := '{}';
    IF cardinality(v_open) < p_hi - p_batch.started_upto THEN
        passed := pass_over(p_batch, hi, p_actor);
    END IF;
    UPDATE batch SET started_upto = open_window.hi,
                     due_at = CASE status WHEN 'wait' THEN v_tokens.due ELSE due_at END
    WHERE id = p_batch.id;
    IF p_batch.started_upto = 0 AND hi > 0 THEN
        PERFORM note_latency('begin', now() - p_batch.due_at);
    END IF;
END
$$;

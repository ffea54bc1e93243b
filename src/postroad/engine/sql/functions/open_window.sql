-- P5 (c) and (d): of the mails after the mark up to `p_hi`, leave out the
-- suppressed and those that ended meanwhile, and take tokens for the rest.
-- `hi` is where the window really ends: where the tokens do.
CREATE FUNCTION open_window(p_batch batch, p_hi integer, p_actor text,
    OUT status text, OUT hi integer, OUT passed smallint[],
    OUT first_in double precision, OUT step_s double precision)
LANGUAGE plpgsql AS $$
DECLARE
    v_open smallint[];       -- positions that will be begun
    v_granted integer;
BEGIN
    SELECT coalesce(array_agg(i.place::smallint ORDER BY i.place)
                    FILTER (WHERE NOT i.is_suppressed AND NOT i.has_ended), '{}')
    INTO v_open FROM window_items(p_batch, p_hi) i;
    SELECT t.granted, t.first_in, t.step_s INTO v_granted, first_in, step_s
    FROM take_window_tokens(p_batch, cardinality(v_open)) t;
    IF v_granted = 0 AND cardinality(v_open) > 0 THEN
        status := 'wait';
        -- Those in front of the first that needs a token are settled all the same.
        hi := v_open[1] - 1;
    ELSE
        status := 'granted';
        hi := CASE WHEN v_granted < cardinality(v_open) THEN v_open[v_granted + 1] - 1 ELSE p_hi END;
    END IF;
    passed := '{}';
    IF cardinality(v_open) < p_hi - p_batch.started_upto THEN
        passed := pass_over(p_batch, hi, p_actor);
    END IF;
    UPDATE batch SET started_upto = open_window.hi,
                     due_at = CASE status WHEN 'wait' THEN now() + make_interval(secs => first_in)
                                          ELSE due_at END
    WHERE id = p_batch.id;
END
$$;

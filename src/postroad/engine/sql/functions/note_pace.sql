-- Add what came about since the last call to the run's pace, in the span of now.
-- p_states: state → change of its count; p_replies: [{fact, class, change}].
-- Lock: the run row, held by the caller.
CREATE FUNCTION note_pace(p_run bigint, p_states jsonb, p_replies jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_span integer;
    v_new run_pace%ROWTYPE;
BEGIN
    SELECT coalesce(sum(value::integer) FILTER (
               WHERE key IN ('accepted', 'delivered', 'bounced', 'complained')), 0),
           greatest(0, coalesce(sum(value::integer) FILTER (WHERE key = 'prepared'), 0))
    INTO v_new.accepted, v_new.prepared FROM jsonb_each_text(p_states);
    SELECT coalesce(sum(change) FILTER (WHERE fact = 'deferred'), 0),
           coalesce(sum(change) FILTER (WHERE fact IN ('rejected', 'dead')), 0),
           coalesce(sum(change) FILTER (WHERE fact = 'unknown'), 0)
    INTO v_new.deferred, v_new.refused, v_new.unknown
    FROM jsonb_to_recordset(p_replies) AS r (fact text, change integer);
    IF v_new.accepted = 0 AND v_new.prepared = 0 AND v_new.deferred = 0
       AND v_new.refused = 0 AND v_new.unknown = 0 THEN
        RETURN;
    END IF;
    v_span := widen_pace(p_run);
    INSERT INTO run_pace AS p (run_id, at, span_s, prepared, accepted, deferred, refused, unknown)
    VALUES (p_run, date_bin(make_interval(secs => v_span), now(), 'epoch'), v_span,
            v_new.prepared, v_new.accepted, v_new.deferred, v_new.refused, v_new.unknown)
    ON CONFLICT (run_id, at) DO UPDATE
    SET prepared = p.prepared + excluded.prepared, accepted = p.accepted + excluded.accepted,
        deferred = p.deferred + excluded.deferred, refused = p.refused + excluded.refused,
        unknown = p.unknown + excluded.unknown;
END
$$;

-- How long a span of a run's pace is now, in seconds: 5, doubled as often as
-- keeps the run within 240 of them. Rows of shorter spans are put together.
CREATE FUNCTION widen_pace(p_run bigint) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    v_span integer := 5;
    v_first timestamptz;
    v_narrow integer;
BEGIN
    SELECT min(at), min(span_s) INTO v_first, v_narrow FROM run_pace WHERE run_id = p_run;
    WHILE now() - v_first > make_interval(secs => v_span * 240) LOOP
        v_span := v_span * 2;
    END LOOP;
    IF v_narrow < v_span THEN
        WITH gone AS (DELETE FROM run_pace WHERE run_id = p_run RETURNING *)
        INSERT INTO run_pace (run_id, at, span_s, prepared, accepted, deferred, refused, unknown)
        SELECT p_run, date_bin(make_interval(secs => v_span), at, 'epoch'), v_span, sum(prepared),
               sum(accepted), sum(deferred), sum(refused), sum(unknown)
        FROM gone GROUP BY 2;
    END IF;
    RETURN v_span;
END
$$;

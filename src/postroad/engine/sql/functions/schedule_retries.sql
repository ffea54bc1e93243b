-- A deferred or unbegun try asks for a further attempt (P10); in a stopped run
-- that attempt is purged instead (P11), and after the run's time to give up,
-- counted anew from a requeue, a deferral ends as dead.
CREATE FUNCTION schedule_retries(p_run run, p_facts jsonb, p_decided integer[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_purged jsonb;
    v_given_up jsonb;
BEGIN
    IF p_run.state = 'stopped' THEN
        SELECT jsonb_agg(jsonb_build_object('n', s.n, 'attempt', s.attempt + 1, 'kind', 'purged',
                                            'text', 'The run was stopped.'))
        INTO v_purged FROM delivery_state s
        WHERE s.run_id = p_run.id AND s.fact IN ('deferred', 'not_begun', 'settled_resend')
          AND s.n = ANY (p_decided);
        PERFORM record_facts(p_run.id, NULL, 'program', v_purged);
        RETURN;
    END IF;
    SELECT jsonb_agg(jsonb_build_object('n', f.n, 'attempt', f.attempt, 'kind', 'dead',
        'code', f.code, 'enhanced', f.enhanced, 'phase', f.phase,
        'cause', 'gave up: ' || concat_ws(' ', f.code, f.enhanced),
        'text', 'Gave up after ' || p_run.give_up_seconds || ' s. Last reply: ' || coalesce(f.text, '')))
    INTO v_given_up
    FROM jsonb_to_recordset(p_facts) AS f (
        n integer, attempt smallint, kind text, code smallint, enhanced text, phase text, text text)
    CROSS JOIN LATERAL (SELECT fact, attempt FROM delivery_state
                        WHERE run_id = p_run.id AND n = f.n OFFSET 0) s
    WHERE f.kind = 'deferred' AND s.fact = 'deferred' AND f.attempt = s.attempt AND f.n = ANY (p_decided)
      AND now() > patience_began(p_run.id, p_run.started_at, f.n)
                + make_interval(secs => p_run.give_up_seconds);
    PERFORM record_facts(p_run.id, NULL, 'program', v_given_up);
    INSERT INTO retry (run_id, n, attempt, due_at, source, index, lane, zone)
    SELECT p_run.id, f.n, f.attempt + 1,
           CASE WHEN f.kind = 'not_begun' THEN now()
                ELSE GREATEST(coalesce(f.due, now()), now() + make_interval(secs => backoff(
                    p_run.backoff_seconds, count_deferrals(p_run.id, p_run.created_at, f.n)))) END,
           d.batch_id, d.index, lane_now(d.lane, d.address), d.zone
    FROM jsonb_to_recordset(p_facts) AS f (n integer, attempt smallint, kind text, due timestamptz)
    CROSS JOIN LATERAL (SELECT fact, attempt FROM delivery_state
                        WHERE run_id = p_run.id AND n = f.n OFFSET 0) s
    CROSS JOIN LATERAL (SELECT batch_id, index, lane, zone, address FROM delivery
                        WHERE run_id = p_run.id AND n = f.n OFFSET 0) d
    WHERE f.kind IN ('deferred', 'not_begun') AND s.fact = f.kind AND s.attempt = f.attempt AND f.n = ANY (p_decided)
    ON CONFLICT DO NOTHING;
    -- A late reply in a finished run opens it again: a retry row keeps a run open.
    -- Asked of the row, not of p_run: the run may have finished since that was read.
    IF FOUND THEN
        UPDATE run SET state = 'running', finished_at = NULL
        WHERE id = p_run.id AND state = 'finished';
    END IF;
END
$$;

-- The scheduler's step: one small bite of a round over the live runs and those that
-- ended in the last week, taking turns. A difference is an alarm; nothing is mended by
-- itself. Twice a second at most, and a twentieth of the time. Returns whether it looked.
-- Lock: the row of reconciliation_pace, skipped where another looks.
CREATE FUNCTION reconcile_runs() RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_began timestamptz := clock_timestamp();
    v_round reconciliation;
BEGIN
    PERFORM 1 FROM reconciliation_pace
    WHERE at <= now() - make_interval(secs => GREATEST(0.5, took_ms / 20))
    FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO reconciliation (run_id)
    SELECT id FROM run WHERE state NOT IN ('finished', 'stopped') AND selected_at IS NOT NULL
    UNION SELECT id FROM run WHERE finished_at > now() - interval '1 hour' AND selected_at IS NOT NULL
    EXCEPT SELECT run_id FROM reconciliation
    ON CONFLICT DO NOTHING;
    SELECT * INTO v_round FROM reconciliation WHERE next_at <= now() ORDER BY next_at LIMIT 1;
    IF FOUND THEN
        PERFORM reconcile_bite(v_round);
        DELETE FROM reconciliation c USING run r
        WHERE c.run_id = v_round.run_id AND r.id = c.run_id AND r.finished_at < now() - interval '7 days'
          AND NOT EXISTS (SELECT FROM alarm a WHERE a.run_id = r.id);
    END IF;
    UPDATE reconciliation_pace
    SET at = now(), took_ms = extract(epoch FROM clock_timestamp() - v_began) * 1000;
    RETURN v_round.run_id IS NOT NULL;
END
$$;

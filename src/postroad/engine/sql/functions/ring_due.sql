-- P0: which batches of a queue a broker is to ring for now. They are marked as
-- rung first and published after: a kill in between costs the sweep's time, the
-- other order would ring a batch twice for each of many ringers.
-- Rung are due, unowned batches of running (preparing) runs that no limit blocks
-- and that were not rung within `p_sweep` seconds, by priority, equal runs in turns; never more than
-- `p_bound` wait rung at a time. Urgent ones have a queue of their own.
-- Locks: an advisory one, so that one worker rings at a time; the batch rows,
-- skipping those in use.
CREATE FUNCTION ring_due(p_stage text, p_is_urgent boolean, p_bound integer, p_most integer,
                         p_sweep double precision)
RETURNS TABLE (run bigint, epoch integer, batch bigint, stage text)
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    v_since timestamptz := now() - make_interval(secs => p_sweep);
    v_most integer;
    v_due bigint[];
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('postroad ringing')) THEN
        RETURN;
    END IF;
    SELECT LEAST(p_most, p_bound - count(*)) INTO v_most
    FROM batch b
    WHERE b.stage = p_stage AND (b.priority > 0) = p_is_urgent AND b.owner IS NULL
      AND b.rung_at > v_since;
    IF v_most <= 0 THEN
        RETURN;
    END IF;
    SELECT array_agg(d.id) INTO v_due FROM (
        SELECT o.id FROM run r, LATERAL (SELECT resting_lanes(r, p_stage) AS lanes) x, LATERAL (
            SELECT b.id, row_number() OVER (ORDER BY b.due_at, b.id) AS turn FROM (
                SELECT id, due_at FROM batch
                WHERE run_id = r.id AND stage = p_stage AND owner IS NULL
                  AND due_at <= now() AND now() < until
                  AND lane <> ALL (x.lanes)
                  AND (rung_at IS NULL OR rung_at <= v_since)
                ORDER BY due_at LIMIT v_most) b) o
        WHERE r.state = CASE p_stage WHEN 'prepare' THEN 'preparing' ELSE 'running' END
          AND (r.priority > 0) = p_is_urgent
        ORDER BY r.priority DESC, o.turn, r.id LIMIT v_most) d;
    RETURN QUERY
    UPDATE batch b SET rung_at = now() FROM run r
    WHERE r.id = b.run_id AND b.id IN (
        SELECT id FROM batch
        WHERE id = ANY (v_due) AND stage = p_stage AND owner IS NULL
        FOR UPDATE SKIP LOCKED)
    RETURNING b.run_id, r.epoch, b.id, b.stage;
END
$$;

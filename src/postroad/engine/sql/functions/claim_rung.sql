-- P4: become the owner of the batch that a doorbell named. No row: the bell
-- was stale (taken, done, stopped, of an older epoch), or a limit blocks the
-- batch, or it is of a lane in which the worker is busy enough (see
-- claim_batch.sql): to be forgotten, it is rung again.
CREATE FUNCTION claim_rung(p_run bigint, p_epoch integer, p_batch bigint, p_stage text, p_worker uuid,
                           p_not_lanes text[] DEFAULT '{}', p_not_urgent text[] DEFAULT '{}')
RETURNS SETOF batch
LANGUAGE plpgsql AS $$
DECLARE
    v_run run%ROWTYPE;
    v_relay bigint;
    v_lanes text[];
BEGIN
    SELECT * INTO v_run FROM run WHERE id = p_run AND epoch = p_epoch
       AND state = CASE p_stage WHEN 'prepare' THEN 'preparing' ELSE 'running' END;
    v_lanes := CASE WHEN v_run.priority > 0 THEN p_not_urgent ELSE p_not_lanes END;
    IF p_stage = 'dispatch' THEN
        v_relay := relay_for_claim(v_run.id, v_run.campaign_id, v_run.priority);
    END IF;
    RETURN QUERY UPDATE batch b SET owner = p_worker, claim = b.claim + 1, relay_id = v_relay,
                                    rung_at = NULL
    WHERE b.id = p_batch AND b.run_id = v_run.id
      AND b.stage = p_stage AND b.owner IS NULL AND b.due_at <= now() AND now() < b.until
      AND v_lanes IS NOT NULL
      AND (p_stage = 'prepare' OR v_relay IS NOT NULL
                                  AND b.lane <> ALL (v_lanes || blocked_lanes(v_relay, v_run.priority)))
    RETURNING b.*;
END
$$;

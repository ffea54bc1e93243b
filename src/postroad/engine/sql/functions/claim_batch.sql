-- P4: become the owner of one due batch of a stage, by looking. Urgent runs
-- first, equal ones in turns; not of the lanes in which the worker is busy
-- enough: `p_not_urgent` for urgent runs, `p_not_lanes` for all others. NULL: of
-- no lane. What a limit or a stopped relay blocks is not looked at. Returns no
-- row when nothing is due.
-- Lock: the batch row, skipping those that others hold.
CREATE FUNCTION claim_batch(p_stage text, p_worker uuid, p_not_lanes text[] DEFAULT '{}',
                            p_not_urgent text[] DEFAULT '{}')
RETURNS SETOF batch
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    v_run record;
    v_batch bigint;
    v_relay bigint;
    v_lanes text[];
BEGIN
    FOR v_run IN
        SELECT id, campaign_id, priority FROM run
        WHERE state = CASE p_stage WHEN 'prepare' THEN 'preparing' ELSE 'running' END
          AND CASE WHEN priority > 0 THEN p_not_urgent ELSE p_not_lanes END IS NOT NULL
        ORDER BY priority DESC, random()
    LOOP
        v_lanes := CASE WHEN v_run.priority > 0 THEN p_not_urgent ELSE p_not_lanes END;
        IF p_stage = 'dispatch' THEN
            v_relay := relay_for_claim(v_run.id, v_run.campaign_id, v_run.priority);
            CONTINUE WHEN v_relay IS NULL;
            v_lanes := v_lanes || blocked_lanes(v_relay, v_run.priority);
        END IF;
        v_batch := find_due(v_run.id, p_stage, v_lanes);
        IF v_batch IS NOT NULL THEN
            RETURN QUERY UPDATE batch SET owner = p_worker, claim = claim + 1, relay_id = v_relay,
                                          rung_at = NULL
                         WHERE id = v_batch RETURNING *;
            RETURN;
        END IF;
    END LOOP;
END
$$;

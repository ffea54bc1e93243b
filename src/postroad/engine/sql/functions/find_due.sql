-- The first due and unowned batch of a run and stage outside some lanes; NULL
-- when there is none. With lanes to avoid it looks lane by lane, so that a
-- million mails of a blocked one are not read through.
-- Lock: that batch's row, skipping those that others hold.
CREATE FUNCTION find_due(p_run bigint, p_stage text, p_not_lanes text[]) RETURNS bigint
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    v_batch bigint;
    v_lane text := '';
BEGIN
    IF p_not_lanes = '{}' THEN
        SELECT id INTO v_batch FROM batch
        WHERE run_id = p_run AND stage = p_stage AND owner IS NULL
          AND due_at <= now() AND now() < until
          -- Said aloud, so that a plan made for any stage may use the index.
          AND stage <> 'done' AND due_at IS NOT NULL
        ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED;
        RETURN v_batch;
    END IF;
    LOOP
        SELECT lane INTO v_lane FROM batch
        WHERE run_id = p_run AND stage = p_stage AND owner IS NULL AND due_at IS NOT NULL
          AND stage <> 'done' AND lane > v_lane
        ORDER BY lane LIMIT 1;
        EXIT WHEN NOT FOUND;
        CONTINUE WHEN v_lane = ANY (p_not_lanes);
        SELECT id INTO v_batch FROM batch
        WHERE run_id = p_run AND stage = p_stage AND lane = v_lane AND owner IS NULL
          AND due_at <= now() AND now() < until AND stage <> 'done' AND due_at IS NOT NULL
        ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED;
        EXIT WHEN FOUND;
    END LOOP;
    RETURN v_batch;
END
$$;

-- Move the mails that are still to begin and whose domain has a lane of its own
-- by now from a batch of the lane `other` into batches of those lanes, due at
-- once. For the owner, before it loads the batch. Returns how many were moved.
-- Lock: the batch row.
CREATE FUNCTION split_promoted(p_batch bigint, p_worker uuid) RETURNS integer
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    v_batch batch%ROWTYPE;
    v_moved integer;
BEGIN
    SELECT * INTO v_batch FROM batch
    WHERE id = p_batch AND owner = p_worker AND lane = 'other' AND stage = 'dispatch' FOR UPDATE;
    IF NOT FOUND OR NOT EXISTS (SELECT FROM lane_domain WHERE promoted_at IS NOT NULL) THEN
        RETURN 0;
    END IF;
    WITH item AS MATERIALIZED (
        SELECT i.*, l.lane
        FROM unnest(v_batch.item_n, v_batch.item_attempt, v_batch.item_source, v_batch.item_index)
             WITH ORDINALITY AS i (n, attempt, source, index, place)
        CROSS JOIN LATERAL (SELECT address FROM delivery
                            WHERE run_id = v_batch.run_id AND n = i.n OFFSET 0) d
        LEFT JOIN lane_domain l ON l.promoted_at IS NOT NULL AND i.place > v_batch.started_upto
             AND l.domain = lower(substr(d.address, length(d.address) - strpos(reverse(d.address), '@') + 2))
    ), made AS (
        INSERT INTO batch (run_id, lane, zone, stage, priority, due_at, until, is_retry,
                           item_n, item_attempt, item_source, item_index)
        SELECT v_batch.run_id, lane, v_batch.zone, 'dispatch', v_batch.priority, now(), v_batch.until,
               v_batch.is_retry, array_agg(n ORDER BY place), array_agg(attempt ORDER BY place),
               array_agg(source ORDER BY place), array_agg(index ORDER BY place)
        FROM item WHERE lane IS NOT NULL GROUP BY lane
        RETURNING cardinality(item_n) AS moved)
    UPDATE batch SET (item_n, item_attempt, item_source, item_index) = (
        SELECT coalesce(array_agg(n ORDER BY place), '{}'), coalesce(array_agg(attempt ORDER BY place), '{}'),
               coalesce(array_agg(source ORDER BY place), '{}'), coalesce(array_agg(index ORDER BY place), '{}')
        FROM item WHERE lane IS NULL)
    WHERE id = p_batch AND EXISTS (SELECT FROM item WHERE lane IS NOT NULL)
    RETURNING cardinality(v_batch.item_n) - cardinality(item_n) INTO v_moved;
    RETURN coalesce(v_moved, 0);
END
$$;

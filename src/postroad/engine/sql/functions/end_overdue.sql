-- The time in which a batch may be sent (`until`) is over: what is unbegun of it is
-- purged, with that reason, and the batch ends. One a call; returns how many
-- deliveries that were, NULL when none is overdue. Its owner hands it back first.
-- A batch recalled by a purge of its queue, whose owner was lost, ends here too.
-- Locks: the batch row, then state rows in order of n.
CREATE FUNCTION end_overdue() RETURNS integer
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    v_batch batch%ROWTYPE;
BEGIN
    SELECT * INTO v_batch FROM batch
    WHERE stage <> 'done' AND until < 'infinity' AND until <= now() AND owner IS NULL
    LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    RETURN purge_batch(v_batch, CASE v_batch.until WHEN '-infinity' THEN 'The queue was purged.'
                                ELSE 'The time in which it could be sent was over.' END);
END
$$;

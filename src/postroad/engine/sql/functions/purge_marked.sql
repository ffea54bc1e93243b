-- Purge one batch that purge_queue took out of the queue. Returns how many
-- deliveries were purged, 0 when none is left.
-- Locks: the batch row, then state rows in order of n.
CREATE FUNCTION purge_marked() RETURNS integer
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    v_batch batch%ROWTYPE;
BEGIN
    SELECT * INTO v_batch FROM batch WHERE stage = 'purge' LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    RETURN purge_batch(v_batch, 'The queue was purged.');
END
$$;

-- P7: take one batch from a silent worker. Returns the batch, or NULL.
-- Locks: the batch row, then state rows in order of n.
CREATE FUNCTION reap_batch() RETURNS bigint
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    v_batch batch%ROWTYPE;
BEGIN
    SELECT b.* INTO v_batch FROM batch b LEFT JOIN worker w ON w.id = b.owner
    WHERE b.owner IS NOT NULL AND (w.id IS NULL OR w.alive_until < now())
    LIMIT 1 FOR UPDATE OF b SKIP LOCKED;
    IF FOUND THEN
        PERFORM free_batch(v_batch, 'fell silent', 'worker lost');
    END IF;
    RETURN v_batch.id;
END
$$;

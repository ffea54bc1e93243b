-- A living worker gives up what it owns at a stage and does not know of: a claim
-- whose answer was lost on the way, or whose work ended in a fault. Its heartbeat
-- would keep such a batch for ever. `p_batches` and `p_claims` name the takings
-- that it works on, as two lists of one length; `p_stage` is 'prepare',
-- 'dispatch' or 'select' (then every run it selects). Returns how many were freed.
-- Lock: the batch rows, skipping those in use, then state rows in order of n.
CREATE FUNCTION disown(p_worker uuid, p_stage text, p_batches bigint[], p_claims integer[])
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    v_batch batch%ROWTYPE;
    v_freed integer := 0;
BEGIN
    IF p_stage = 'select' THEN
        UPDATE run SET owner = NULL WHERE owner = p_worker AND state = 'selecting';
        RETURN v_freed;
    END IF;
    FOR v_batch IN
        SELECT * FROM batch b WHERE b.owner = p_worker AND b.stage = p_stage
           AND NOT EXISTS (SELECT FROM unnest(p_batches, p_claims) AS k (id, claim)
                           WHERE k.id = b.id AND k.claim = b.claim)
        FOR UPDATE SKIP LOCKED
    LOOP
        PERFORM free_batch(v_batch, 'lost track of it', 'worker lost');
        v_freed := v_freed + 1;
    END LOOP;
    RETURN v_freed;
END
$$;

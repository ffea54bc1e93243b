-- P11, the scheduler's part: purge what waits in stopped runs, one batch or up
-- to 100 waiting retries a call, so that no transaction is long. Returns how
-- many deliveries were purged; 0 when nothing is left to purge.
CREATE FUNCTION purge_stopped() RETURNS integer
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    v_batch batch%ROWTYPE;
    v_count integer;
BEGIN
    SELECT b.* INTO v_batch FROM run r JOIN batch b ON b.run_id = r.id
    WHERE r.state = 'stopped' AND b.stage <> 'done' AND b.owner IS NULL
    LIMIT 1 FOR UPDATE OF b SKIP LOCKED;
    IF FOUND THEN
        RETURN purge_batch(v_batch, 'The run was stopped.');
    END IF;
    RETURN purge_retries();
END
$$;

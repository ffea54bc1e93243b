-- Take back a drain that the worker has not heard of. Returns 'kept', 'heard'
-- (its heartbeat has told it: it ends) or 'gone'.
CREATE FUNCTION undo_drain(p_worker uuid, p_actor text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_worker worker%ROWTYPE;
BEGIN
    SELECT * INTO v_worker FROM worker
    WHERE id = p_worker AND ended_at IS NULL AND alive_until > now() FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'gone';
    ELSIF NOT v_worker.is_draining THEN
        RETURN 'kept';
    ELSIF v_worker.heard_drain THEN
        RETURN 'heard';
    END IF;
    UPDATE worker SET is_draining = false WHERE id = p_worker;
    DELETE FROM resting_slot WHERE host = v_worker.host AND slot = v_worker.slot;
    PERFORM journal_act('drain_undone', p_actor, 'Worker ' || left(p_worker::text, 8) || ' goes on working.',
                        NULL, jsonb_build_object('worker', p_worker, 'host', v_worker.host, 'pid', v_worker.pid));
    RETURN 'kept';
END
$$;

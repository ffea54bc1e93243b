-- Ask a living worker to drain: it finishes what is begun, hands the rest back
-- and exits; its next heartbeat tells it. Its slot rests. Returns 'draining', 'already' or 'gone'.
CREATE FUNCTION drain_worker(p_worker uuid, p_actor text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_worker worker%ROWTYPE;
BEGIN
    SELECT * INTO v_worker FROM worker
    WHERE id = p_worker AND ended_at IS NULL AND alive_until > now() FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'gone';
    ELSIF v_worker.is_draining THEN
        RETURN 'already';
    END IF;
    UPDATE worker SET is_draining = true WHERE id = p_worker;
    INSERT INTO resting_slot (host, slot, actor)
    SELECT v_worker.host, v_worker.slot, p_actor WHERE v_worker.slot <> ''
    ON CONFLICT DO NOTHING;
    PERFORM journal_act('drain', p_actor, 'Worker ' || left(p_worker::text, 8) || ' was asked to drain.',
                        NULL, jsonb_build_object('worker', p_worker, 'host', v_worker.host, 'pid', v_worker.pid));
    RETURN 'draining';
END
$$;

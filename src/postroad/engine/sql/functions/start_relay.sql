-- Put a relay back into use: it answered again, or a person mended it. Its
-- waiting batches are due at once. Returns whether it was out of use.
CREATE FUNCTION start_relay(p_relay bigint, p_actor text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE relay_health SET stopped_at = NULL, retry_at = NULL, reason = '', changed_at = now()
    WHERE relay_id = p_relay AND stopped_at IS NOT NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE batch b SET due_at = now() FROM run r JOIN run_relay o ON o.run_id = r.id
    WHERE r.id = b.run_id AND o.relay_id = p_relay AND r.state = 'running'
      AND b.stage = 'dispatch' AND b.owner IS NULL AND b.due_at > now();
    PERFORM journal_act('relay_started', p_actor, 'The relay is in use again.', NULL,
                        jsonb_build_object('relay', p_relay));
    PERFORM pg_notify('postroad_dispatch', '');
    RETURN true;
END
$$;

-- A refusal of the account, a bad certificate or a dead host puts a relay out
-- of use: until `p_retry_at`, or until a person acts when that is NULL.
CREATE FUNCTION stop_relay(p_relay bigint, p_retry_at timestamptz, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO relay_health (relay_id, stopped_at, retry_at, reason)
    VALUES (p_relay, now(), p_retry_at, p_reason)
    ON CONFLICT (relay_id) DO UPDATE
    SET stopped_at = now(), retry_at = excluded.retry_at, reason = excluded.reason, changed_at = now();
    PERFORM journal_act('relay_stopped', 'program', p_reason, NULL, jsonb_build_object('relay', p_relay));
END
$$;

-- A pause by the program that only a person ends. Returns whether it took.
CREATE FUNCTION hold_run(p_run bigint, p_reason text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE run SET state = 'held', state_before_hold = state, reason = p_reason
    WHERE id = p_run AND state IN ('selecting', 'preparing', 'ready', 'scheduled', 'running', 'paused');
    IF FOUND THEN
        PERFORM journal_act('held', 'program', p_reason, p_run);
        PERFORM pg_notify('postroad_control', p_run::text);
        RETURN true;
    END IF;
    RETURN false;
END
$$;

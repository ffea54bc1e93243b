-- It is as it must be again. Returns whether an alarm was raised.
CREATE FUNCTION clear_alarm(p_kind text, p_key text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_alarm alarm;
BEGIN
    DELETE FROM alarm WHERE kind = p_kind AND key = p_key RETURNING * INTO v_alarm;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM journal_act('alarm_over', 'program', 'Over: ' || v_alarm.text, v_alarm.run_id,
                        jsonb_build_object('alarm', p_kind, 'key', p_key));
    RETURN true;
END
$$;

-- A slot that rests may be worked in again. Returns whether it rested.
CREATE FUNCTION end_rest(p_host text, p_slot text, p_actor text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM resting_slot WHERE host = p_host AND slot = p_slot;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM journal_act('rest_ended', p_actor, p_slot || ' on ' || p_host || ' may work again.',
                        NULL, jsonb_build_object('host', p_host, 'slot', p_slot));
    RETURN true;
END
$$;

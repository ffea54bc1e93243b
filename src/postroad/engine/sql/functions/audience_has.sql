-- Whether a deployed routine chooses the person with this normalised address.
-- EXECUTE names a routine that a deployment made, nothing else.
CREATE FUNCTION audience_has(p_routine text, p_address_key text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_routine text := p_routine::regproc::text;
    v_has boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT FROM %s() WHERE address_key = $1)', v_routine)
        INTO v_has USING p_address_key;
    RETURN v_has;
END
$$;

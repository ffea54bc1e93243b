-- From now on nothing is sent to the address of this hash; windows that open
-- after the commit see it. Suppressed twice keeps the first reason, since that
-- is what happened. True when it was not suppressed before.
CREATE FUNCTION suppress_address(p_hash bytea, p_address text, p_reason text,
                                 p_scope text DEFAULT 'all', p_note text DEFAULT '')
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO suppression (hash, address, reason, scope, note)
    VALUES (p_hash, p_address, p_reason, p_scope, p_note)
    ON CONFLICT (hash) DO NOTHING;
    RETURN FOUND;
END
$$;

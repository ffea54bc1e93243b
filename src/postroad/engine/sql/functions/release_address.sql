-- The address of this hash may be written to again. Mails that were suppressed
-- stay so. True when it was suppressed.
CREATE FUNCTION release_address(p_hash bytea) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM suppression WHERE hash = p_hash;
    RETURN FOUND;
END
$$;

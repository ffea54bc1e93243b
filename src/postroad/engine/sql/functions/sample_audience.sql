-- The first people whom a deployed routine chooses now, with the reason why
-- one of them is not written to.
-- EXECUTE names a routine that a deployment made, nothing else.
CREATE FUNCTION sample_audience(p_routine text, p_limit integer)
RETURNS TABLE (contact_key text, address text, name text, suppressed text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_routine text := p_routine::regproc::text;
BEGIN
    RETURN QUERY EXECUTE format($q$
        SELECT a.contact_key, a.address, a.name, u.reason
        FROM (SELECT * FROM %s() LIMIT $1) AS a
        LEFT JOIN suppression AS u ON u.hash = sha256(convert_to(a.address_key, 'UTF8'))
    $q$, v_routine) USING p_limit;
END
$$;

-- What a deployed routine chooses now: everybody, and of their different
-- addresses those that may and those that may not be written to.
-- EXECUTE names a routine that a deployment made, nothing else.
CREATE FUNCTION count_audience(p_routine text,
                               OUT people bigint, OUT mailable bigint, OUT suppressed bigint)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_routine text := p_routine::regproc::text;
BEGIN
    EXECUTE format($q$
        SELECT sum(a.people), count(*) FILTER (WHERE u.hash IS NULL),
               count(*) FILTER (WHERE u.hash IS NOT NULL)
        FROM (SELECT address_key, count(*) AS people FROM %s() GROUP BY address_key) AS a
        LEFT JOIN suppression AS u ON u.hash = sha256(convert_to(a.address_key, 'UTF8'))
    $q$, v_routine) INTO people, mailable, suppressed;
    people := coalesce(people, 0);
END
$$;

-- Retention: forget up to 1,000 lost tries that no ledger has told of for so long that
-- their mails' bytes are not kept either. Returns how many.
CREATE FUNCTION drop_lost_tries(p_days integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    v_count integer;
BEGIN
    DELETE FROM lost_try WHERE ctid IN (
        SELECT ctid FROM lost_try WHERE lost_at < now() - make_interval(days => p_days)
        ORDER BY lost_at LIMIT 1000 FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;

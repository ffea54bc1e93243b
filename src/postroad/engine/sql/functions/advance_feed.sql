-- Everything up to `p_to` is published. False when the turn was lost meanwhile:
-- another publishes it again.
CREATE FUNCTION advance_feed(p_name text, p_worker uuid, p_to bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE feed_position SET journal_id = greatest(journal_id, p_to)
    WHERE name = p_name AND owner = p_worker;
    RETURN FOUND;
END
$$;

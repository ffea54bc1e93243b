-- A worker that ends gives the turn at publishing back, so that none waits for its lease.
CREATE FUNCTION leave_feed(p_name text, p_worker uuid) RETURNS void
LANGUAGE sql AS $$
    UPDATE feed_position SET owner = NULL WHERE name = p_name AND owner = p_worker
$$;

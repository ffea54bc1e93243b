-- The owner gives a batch back with nothing done, due again in `p_wait` seconds.
-- Returns whether it was still the owner.
CREATE FUNCTION give_back(p_batch bigint, p_worker uuid, p_claim integer, p_wait double precision)
RETURNS boolean LANGUAGE sql AS $$
    WITH given AS (
        UPDATE batch SET owner = NULL, due_at = now() + make_interval(secs => p_wait)
        WHERE id = p_batch AND owner = p_worker AND claim = p_claim
        RETURNING 1)
    SELECT EXISTS (SELECT FROM given)
$$;

-- The owner gives a batch back with nothing done, due again at `p_due`.
-- Returns whether it was still the owner.
CREATE FUNCTION give_back(p_batch bigint, p_worker uuid, p_claim integer, p_due timestamptz)
RETURNS boolean LANGUAGE sql AS $$
    WITH given AS (
        UPDATE batch SET owner = NULL, due_at = coalesce(p_due, due_at)
        WHERE id = p_batch AND owner = p_worker AND claim = p_claim
        RETURNING 1)
    SELECT EXISTS (SELECT FROM given)
$$;

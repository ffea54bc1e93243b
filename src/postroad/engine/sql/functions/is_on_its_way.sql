-- Whether a try of a delivery, this attempt or a later one, waits to be made:
-- in a retry row or in an open retry batch.
CREATE FUNCTION is_on_its_way(p_run bigint, p_n integer, p_attempt integer) RETURNS boolean
LANGUAGE sql STABLE AS $$
    -- One statement, so that a row gathered into a batch meanwhile is seen once.
    SELECT EXISTS (SELECT FROM retry WHERE run_id = p_run AND n = p_n AND attempt >= p_attempt)
        OR EXISTS (SELECT FROM batch WHERE run_id = p_run AND is_retry AND stage <> 'done'
                   AND EXISTS (SELECT FROM unnest(item_n, item_attempt) AS i (n, a)
                               WHERE i.n = p_n AND i.a >= p_attempt))
$$;

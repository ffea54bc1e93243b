-- How often a delivery was deferred since a moment, and since a person ordered it to
-- be sent again: what its back-off goes by. Tries that were handed back before
-- they began do not count, nor does a deferral that is told twice.
CREATE FUNCTION count_deferrals(p_run bigint, p_started timestamptz, p_n integer) RETURNS integer
LANGUAGE sql STABLE AS $$
    SELECT count(DISTINCT attempt)::integer FROM journal
    WHERE run_id = p_run AND n = p_n AND recorded_at >= p_started AND kind = 'deferred'
      AND id > coalesce((SELECT max(id) FROM journal
                         WHERE run_id = p_run AND n = p_n AND recorded_at >= p_started
                           AND kind IN ('requeued', 'settled_resend')), 0)
$$;

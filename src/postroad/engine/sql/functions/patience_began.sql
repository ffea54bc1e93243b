-- From when on the time to give a delivery up is counted: the start of its run,
-- or the last time that a person ordered it to be sent again. A letter that is
-- requeued days later has its whole time once more.
CREATE FUNCTION patience_began(p_run bigint, p_started timestamptz, p_n integer) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
    SELECT GREATEST(p_started, (
        SELECT max(at) FROM journal
        WHERE run_id = p_run AND n = p_n AND recorded_at >= p_started AND kind IN ('requeued', 'settled_resend')))
$$;

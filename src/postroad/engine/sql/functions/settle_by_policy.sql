-- The scheduler's step for runs that send unknowns again by themselves: one mail whose
-- `p_patience` seconds are over. A late reply that came before has taken it off the list.
-- Returns what was done; NULL when none is due.
-- Locks: the state row, then the run row, as a person's settlement takes them.
CREATE FUNCTION settle_by_policy(p_patience double precision) RETURNS text
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    v_due record;
    v_attempt integer;
    v_state text;
BEGIN
    SELECT run_id, n INTO v_due FROM attention
    WHERE policy = 'resend' AND since <= now() - make_interval(secs => p_patience)
    ORDER BY since LIMIT 1;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT attempt, state INTO v_attempt, v_state FROM delivery_state
    WHERE run_id = v_due.run_id AND n = v_due.n FOR UPDATE;
    -- Looked at again under the lock: another worker may have had the same one, or a
    -- reply came and the next try is the one that is unknown now.
    PERFORM 1 FROM attention
    WHERE run_id = v_due.run_id AND n = v_due.n AND policy = 'resend'
      AND since <= now() - make_interval(secs => p_patience);
    IF NOT FOUND THEN
        RETURN 'changed';
    ELSIF v_state IS DISTINCT FROM 'unknown' THEN
        -- The list differs from the states, for which there is an alarm: passed over.
        UPDATE attention SET policy = NULL WHERE run_id = v_due.run_id AND n = v_due.n;
        RETURN 'changed';
    END IF;
    RETURN resend_by_policy(v_due.run_id, v_due.n, v_attempt, p_patience, 'policy',
                            'No reply is known, and the run sends such mails again.');
END
$$;

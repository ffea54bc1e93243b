-- A person settles an unknown, or in their place the run's policy, which says why:
-- 'sent' (accepted, marked for ever), 'resend' (a further attempt with the same
-- Message-ID, at least `p_patience` seconds after it became unknown) or 'drop' (dead,
-- discarded). Names the attempt, so that asked twice is done once. Returns 'settled',
-- 'not_unknown' or 'stopped'.
-- Locks: the state row, then the run row, as a late reply takes them.
CREATE FUNCTION settle_unknown(p_run bigint, p_n integer, p_attempt integer, p_how text,
                               p_patience double precision, p_actor text, p_why text DEFAULT NULL)
RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_is_unknown boolean;
    v_state text;
    v_since timestamptz;
BEGIN
    PERFORM 1 FROM delivery_state
    WHERE run_id = p_run AND n = p_n AND state = 'unknown' AND attempt = p_attempt FOR UPDATE;
    v_is_unknown := FOUND;
    SELECT state INTO v_state FROM run WHERE id = p_run FOR NO KEY UPDATE;
    IF p_how = 'resend' AND v_state = 'stopped' THEN
        RETURN 'stopped';
    ELSIF NOT v_is_unknown THEN
        RETURN 'not_unknown';
    END IF;
    SELECT since INTO v_since FROM attention WHERE run_id = p_run AND n = p_n;
    PERFORM record_facts(p_run, NULL, p_actor, jsonb_build_array(jsonb_build_object(
        'n', p_n, 'attempt', p_attempt, 'kind', 'settled_' || p_how,
        'text', coalesce(p_why, CASE p_how WHEN 'sent' THEN 'Settled by hand: it was sent.'
                                           WHEN 'resend' THEN 'Settled by hand: to be sent again.'
                                           ELSE 'Settled by hand: dropped.' END))));
    IF p_how = 'resend' THEN
        PERFORM write_retry(p_run, p_n, p_attempt + 1,
            GREATEST(now(), coalesce(v_since, now()) + make_interval(secs => p_patience)));
    END IF;
    RETURN 'settled';
END
$$;

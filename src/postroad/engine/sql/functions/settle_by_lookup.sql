-- What a look-up said about an unknown try: 'sent' settles it as accepted, marked for
-- ever; 'not_sent' sends it again; anything else leaves it to a person. `p_said` is for
-- the journal. Names the attempt, so that answered twice, or late, is done once.
-- Returns what was done.
-- Locks: the state row, then the run row, as a person's settlement takes them.
CREATE FUNCTION settle_by_lookup(p_run bigint, p_n integer, p_attempt integer, p_answer text,
                                 p_patience double precision, p_said text) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM delivery_state
    WHERE run_id = p_run AND n = p_n AND state = 'unknown' AND attempt = p_attempt FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'not_unknown';
    END IF;
    -- Asked under the lock: after a restore, or answered before, the policy acts no more.
    PERFORM 1 FROM attention WHERE run_id = p_run AND n = p_n AND policy = 'look_up';
    IF NOT FOUND THEN
        RETURN 'left';
    ELSIF p_answer = 'sent' THEN
        RETURN settle_unknown(p_run, p_n, p_attempt, 'sent', p_patience, 'look-up', p_said);
    ELSIF p_answer = 'not_sent' THEN
        RETURN resend_by_policy(p_run, p_n, p_attempt, p_patience, 'look-up', p_said);
    END IF;
    PERFORM leave_to_person(p_run, p_n, p_attempt, 'look-up', p_said || ' This mail waits for a person.');
    RETURN 'left';
END
$$;

-- Order a further try of an unknown in a person's place, so often a mail at most as
-- the run says; beyond that, and in a stopped run, it waits for a person. The same
-- move as a person's, told from it by its actor. Returns what was done.
-- Locks: the state row, held by the caller; then the run row.
CREATE FUNCTION resend_by_policy(p_run bigint, p_n integer, p_attempt integer, p_patience double precision,
                                 p_actor text, p_why text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_run run%ROWTYPE;
    v_done integer;
BEGIN
    SELECT * INTO v_run FROM run WHERE id = p_run FOR NO KEY UPDATE;
    SELECT count(*) INTO v_done FROM journal
    WHERE run_id = p_run AND n = p_n AND recorded_at >= v_run.created_at
      AND kind = 'settled_resend' AND actor IN ('policy', 'look-up');
    IF v_run.state = 'stopped' THEN
        PERFORM leave_to_person(p_run, p_n, p_attempt, p_actor,
            p_why || ' A stopped run sends nothing again: this mail waits for a person.');
        RETURN 'left';
    ELSIF v_done >= v_run.resend_limit THEN
        PERFORM leave_to_person(p_run, p_n, p_attempt, p_actor, p_why || ' It was sent again ' || v_done
            || CASE WHEN v_done = 1 THEN ' time' ELSE ' times' END || ' already: this mail waits for a person.');
        RETURN 'left';
    END IF;
    RETURN settle_unknown(p_run, p_n, p_attempt, 'resend', p_patience, p_actor, p_why
        || ' Sent again with the same Message-ID, time ' || v_done + 1 || ' of ' || v_run.resend_limit || ' at most.');
END
$$;

-- P10: a person requeues a dead letter: the same bytes at a further attempt.
-- Names the attempt that died, so that asked twice is done once. A finished run
-- goes back to running; a stopped one refuses, and so does a mail whose bytes retention
-- has dropped. Returns 'requeued', 'already', 'not_dead', 'stopped' or 'gone'.
-- Locks: the state row, then the run row, as a late reply takes them.
CREATE FUNCTION requeue_dead(p_run bigint, p_n integer, p_attempt integer, p_actor text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_is_dead boolean;
    v_state text;
BEGIN
    PERFORM 1 FROM delivery_state
    WHERE run_id = p_run AND n = p_n AND state = 'dead' AND attempt = p_attempt FOR UPDATE;
    v_is_dead := FOUND;
    SELECT state INTO v_state FROM run WHERE id = p_run FOR NO KEY UPDATE;
    IF v_state IS NULL OR v_state = 'stopped' THEN
        RETURN 'stopped';
    ELSIF NOT v_is_dead THEN
        RETURN 'not_dead';
    ELSIF NOT EXISTS (SELECT FROM delivery d JOIN prepared p ON p.batch_id = d.batch_id
                      WHERE d.run_id = p_run AND d.n = p_n) THEN
        RETURN 'gone';
    END IF;
    IF NOT write_retry(p_run, p_n, p_attempt + 1, now()) THEN
        RETURN 'already';
    END IF;
    UPDATE attention SET requeued_at = now(), mark = NULL WHERE run_id = p_run AND n = p_n;
    INSERT INTO journal (run_id, n, attempt, kind, actor, text)
    VALUES (p_run, p_n, p_attempt, 'requeued', p_actor, 'The dead letter was requeued.');
    RETURN 'requeued';
END
$$;

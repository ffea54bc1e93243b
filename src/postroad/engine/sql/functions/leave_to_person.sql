-- The policy has done what it can about an unknown: from now on it waits for a person.
-- Lock: the state row, held by the caller.
CREATE FUNCTION leave_to_person(p_run bigint, p_n integer, p_attempt integer, p_actor text, p_why text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE attention SET policy = NULL, asked_at = NULL WHERE run_id = p_run AND n = p_n;
    INSERT INTO journal (run_id, n, attempt, kind, actor, text)
    VALUES (p_run, p_n, p_attempt, 'left_to_person', p_actor, p_why);
END
$$;

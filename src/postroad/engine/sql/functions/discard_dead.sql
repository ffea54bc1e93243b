-- A person gives a dead letter up for good: it stays dead, marked discarded.
-- `p_back` takes that back. Returns whether there was such a dead letter. One
-- that is to be sent again is refused: a late refusal may follow upon the order
-- to resend, and the mail would go out all the same.
-- Lock: the state row, which settling and requeueing lock too.
CREATE FUNCTION discard_dead(p_run bigint, p_n integer, p_back boolean, p_actor text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_attempt integer;
BEGIN
    SELECT attempt INTO v_attempt FROM delivery_state
    WHERE run_id = p_run AND n = p_n AND state = 'dead' FOR UPDATE;
    IF NOT FOUND OR is_on_its_way(p_run, p_n, v_attempt + 1) THEN
        RETURN false;
    END IF;
    UPDATE attention SET mark = CASE WHEN p_back THEN NULL ELSE 'discarded' END
    WHERE run_id = p_run AND n = p_n AND state = 'dead' AND requeued_at IS NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO journal (run_id, n, kind, actor, text)
    VALUES (p_run, p_n, CASE WHEN p_back THEN 'discard_undone' ELSE 'discarded' END, p_actor,
            CASE WHEN p_back THEN 'The discarding was undone.' ELSE 'The dead letter was discarded.' END);
    RETURN true;
END
$$;

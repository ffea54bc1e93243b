-- P3: a scheduled run whose time has come begins to send. Returns whether it did.
CREATE FUNCTION release_run(p_run bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE run SET state = 'running', started_at = coalesce(started_at, now())
    WHERE id = p_run AND state = 'scheduled' AND release_at <= now();
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE batch SET due_at = now() WHERE run_id = p_run AND stage = 'dispatch' AND due_at IS NULL;
    PERFORM journal_act('released', 'program', 'Released: mails may begin.', p_run);
    PERFORM pg_notify('postroad_dispatch', p_run::text);
    RETURN true;
END
$$;

-- P3: take a launch back before its release. Returns whether it was in time;
-- then nothing of the run has been sent.
CREATE FUNCTION undo_launch(p_run bigint, p_actor text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE run SET state = 'ready', release_at = NULL WHERE id = p_run AND state = 'scheduled';
    IF FOUND THEN
        PERFORM journal_act('launch_undone', p_actor, 'The launch was undone.', p_run);
        RETURN true;
    END IF;
    RETURN false;
END
$$;

-- P6, its end: no batch and no retry row is open, so the run is finished and
-- its states are counted again. Returns 1 when the run changed.
CREATE FUNCTION end_running(p_run bigint) RETURNS integer
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM batch WHERE run_id = p_run AND stage <> 'done')
       OR EXISTS (SELECT FROM retry WHERE run_id = p_run) THEN
        RETURN 0;
    END IF;
    -- The lock first, then the question again: a late reply may have written a
    -- retry row between the two. FOR UPDATE, the only lock that waits for the
    -- foreign key of a retry row which is not committed yet.
    PERFORM 1 FROM run WHERE id = p_run AND state = 'running' FOR UPDATE;
    IF NOT FOUND OR EXISTS (SELECT FROM retry WHERE run_id = p_run) THEN
        RETURN 0;
    END IF;
    UPDATE run SET state = 'finished', finished_at = now() WHERE id = p_run;
    PERFORM journal_act('finished', 'program', 'Nothing is left to send.', p_run);
    PERFORM recount_run(p_run);
    RETURN 1;
END
$$;

-- The database was set back to an earlier moment: every epoch is raised, so that
-- older references are void, and every live run is held with the reason and how
-- many of its mails may have gone out since. Nothing is sent again by itself.
-- Returns how many runs were held.
-- Lock: the run rows.
CREATE FUNCTION hold_live_runs(p_reason text) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    v_run record;
    v_waiting bigint;
    v_held integer := 0;
BEGIN
    UPDATE run SET epoch = epoch + 1;
    FOR v_run IN SELECT id FROM run WHERE state NOT IN ('finished', 'stopped', 'held') ORDER BY id LOOP
        SELECT count(*) INTO v_waiting FROM delivery_state
        WHERE run_id = v_run.id AND state IN ('selected', 'prepared', 'deferred', 'unknown');
        PERFORM hold_run(v_run.id, p_reason || ' Up to ' || v_waiting
            || ' mails of this run may have gone out since. Look at the relay, then let the run go on, or stop it.');
        v_held := v_held + 1;
    END LOOP;
    RETURN v_held;
END
$$;

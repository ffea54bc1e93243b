-- The database was set back to an earlier moment: every epoch is raised, so that
-- older references are void, and every live run is held with the reason and how
-- many of its mails may have gone out since; one that was held before is told so
-- too, since it may have been let go on. Nothing is sent again by itself: no policy
-- acts on unknowns any more, since what is unknown here may be known to have arrived.
-- Returns how many live runs are held now.
-- Lock: the run rows.
CREATE FUNCTION hold_live_runs(p_reason text) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    v_run record;
    v_waiting bigint;
    v_reason text;
    v_held integer := 0;
BEGIN
    UPDATE run SET epoch = epoch + 1, unknown_policy = 'hold';
    UPDATE attention SET policy = NULL WHERE policy IS NOT NULL;
    FOR v_run IN SELECT id, state, reason FROM run WHERE state NOT IN ('finished', 'stopped') ORDER BY id LOOP
        SELECT count(*) INTO v_waiting FROM delivery_state
        WHERE run_id = v_run.id AND state IN ('selected', 'prepared', 'deferred', 'unknown');
        v_reason := p_reason || ' Up to ' || v_waiting
            || ' mails of this run may have gone out since. Look at the relay, then let the run go on, or stop it.';
        IF NOT hold_run(v_run.id, v_reason) THEN
            v_reason := v_reason || ' It was held before: ' || left(v_run.reason, 500);
            UPDATE run SET reason = v_reason WHERE id = v_run.id;
            PERFORM journal_act('held', 'program', v_reason, v_run.id);
        END IF;
        v_held := v_held + 1;
    END LOOP;
    RETURN v_held;
END
$$;

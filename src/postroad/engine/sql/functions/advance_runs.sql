-- The scheduler's turn over all live runs: prepared ones become ready (or held,
-- when more failed than their limit), runs of one launched, released when their time has come,
-- finished when nothing is open. Returns how many changed; NULL when another
-- worker has the turn.
-- Locks: an advisory one for the transaction, so that a worker that freezes
-- between two turns keeps nobody from taking the next; each run row that changes.
CREATE FUNCTION advance_runs() RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    v_run record;
    v_changed integer := 0;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('postroad scheduler')) THEN
        RETURN NULL;
    END IF;
    FOR v_run IN SELECT id, state, release_at FROM run
                 WHERE state IN ('preparing', 'scheduled', 'running')
                    OR (state = 'ready' AND submission_id IS NOT NULL) LOOP
        v_changed := v_changed + CASE v_run.state
            WHEN 'preparing' THEN end_preparing(v_run.id)
            -- The gate in a person's place: what failed has held a run of one before.
            WHEN 'ready' THEN launch_by_gate(v_run.id)
            WHEN 'scheduled' THEN release_run(v_run.id)::integer
            ELSE end_running(v_run.id) END;
    END LOOP;
    RETURN v_changed + hear_slow_downs();
END
$$;

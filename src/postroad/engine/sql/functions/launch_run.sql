-- P3: a verified run is scheduled: for `p_release_at`, or for now + p_undo
-- seconds. Without a time and with no time to undo it is released here.
-- Returns the run's state after; the state of before when it was not ready
-- (launched twice: the second finds it scheduled or running).
-- Lock: the run row, which lets one of launch, undo and release win.
CREATE FUNCTION launch_run(p_run bigint, p_release_at timestamptz, p_undo double precision,
                           p_zone text, p_actor text, OUT was text, OUT state_after text)
LANGUAGE plpgsql AS $$
DECLARE
    v_release timestamptz := coalesce(p_release_at, now() + make_interval(secs => p_undo));
BEGIN
    SELECT state INTO was FROM run WHERE id = p_run FOR NO KEY UPDATE;
    IF was = 'ready' THEN
        UPDATE run SET state = 'scheduled', release_at = v_release, launch_zone = p_zone WHERE id = p_run;
        PERFORM journal_act('launched', p_actor, CASE WHEN v_release <= now() THEN 'Launched at once.' ELSE 'Launched for later.' END, p_run,
                            jsonb_build_object('release_at', v_release, 'zone', p_zone));
        IF v_release <= now() THEN
            PERFORM release_run(p_run);
        END IF;
    END IF;
    SELECT state INTO state_after FROM run WHERE id = p_run;
END
$$;

-- An edit before launch abandons the verified run of a campaign: it is stopped
-- with that reason and Verify makes the next; runs of one go on, their pins are
-- those of their submission. Returns its id, or NULL.
CREATE FUNCTION abandon_verified_run(p_campaign bigint, p_actor text, p_reason text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_run bigint;
BEGIN
    SELECT id INTO v_run FROM run
    WHERE campaign_id = p_campaign AND submission_id IS NULL AND (state IN ('selecting', 'preparing', 'ready', 'scheduled')
        OR (state = 'held' AND state_before_hold IN ('selecting', 'preparing', 'ready', 'scheduled')))
    FOR NO KEY UPDATE;
    IF FOUND THEN
        PERFORM stop_run(v_run, p_actor, 'abandoned: ' || p_reason);
    END IF;
    RETURN v_run;
END
$$;

-- P1: everybody whom the pinned routine returns, once by normalised address,
-- minus the suppressed, written down as deliveries, states and batches in this
-- one transaction; those left out with their reason. Killed before its commit,
-- nothing is there and it is done again.
--
-- The routine is a function of no argument that returns (contact_key, address,
-- address_key, name, zone, data). Its name was made by a deployment.
-- Returns the number of recipients; NULL when the run is no longer ours. Nobody
-- left, or more than the campaign may have, stops the run with that reason.
CREATE FUNCTION select_recipients(p_run bigint, p_worker uuid, p_claim integer) RETURNS integer
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    v_run run%ROWTYPE;
    v_count integer;
BEGIN
    SELECT * INTO v_run FROM run
    WHERE id = p_run AND state = 'selecting' AND owner = p_worker AND claim = p_claim
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        -- Held meanwhile: let go on, it is anyone's to select.
        UPDATE run SET owner = NULL WHERE id = p_run AND owner = p_worker AND claim = p_claim;
        RETURN NULL;
    END IF;
    PERFORM choose_recipients(v_run);
    SELECT count(*) INTO v_count FROM chosen WHERE reason IS NULL;
    INSERT INTO omission (run_id, position, contact_key, address, name, reason)
    SELECT p_run, row_number() OVER (), contact_key, coalesce(address, ''), coalesce(name, ''), reason
    FROM chosen WHERE reason IS NOT NULL;
    IF v_count = 0 OR v_count > v_run.max_recipients THEN
        PERFORM stop_selecting(v_run, v_count);
        RETURN 0;
    END IF;
    PERFORM write_deliveries(v_run);
    UPDATE run SET state = 'preparing', owner = NULL, recipients = v_count, selected_at = now(),
        -- Some bad rows are usual; a letter that fails for one in a hundred is broken.
        failure_limit = coalesce(failure_limit, GREATEST(10, v_count / 100))
    WHERE id = p_run;
    INSERT INTO count_delta (run_id, state, change) VALUES (p_run, 'selected', v_count);
    PERFORM journal_act('selected', 'worker ' || left(p_worker::text, 8), v_count || ' recipients were selected and frozen.',
                        p_run, jsonb_build_object('recipients', v_count, 'routine', v_run.routine));
    PERFORM pg_notify('postroad_prepare', p_run::text);
    RETURN v_count;
END
$$;

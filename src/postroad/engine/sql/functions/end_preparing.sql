-- P2, its end: no batch is left at prepare, nor to purge, so the run is ready. More failures
-- than its limit hold it instead. Returns 1 when the run changed.
CREATE FUNCTION end_preparing(p_run bigint) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    v_failed integer;
    v_limit integer;
    v_is_single boolean;
BEGIN
    IF EXISTS (SELECT FROM batch WHERE run_id = p_run AND stage IN ('prepare', 'purge')) THEN
        RETURN 0;
    END IF;
    SELECT coalesce(sum(change), 0) INTO v_failed FROM count_delta WHERE run_id = p_run AND state = 'failed';
    UPDATE run SET state = 'ready', ready_at = now() WHERE id = p_run AND state = 'preparing'
    RETURNING failure_limit, submission_id IS NOT NULL INTO v_limit, v_is_single;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    PERFORM journal_act('ready', 'program', 'Every mail is prepared or accounted for.', p_run,
                        jsonb_build_object('failed', v_failed));
    IF v_failed > v_limit THEN
        PERFORM hold_run(p_run, CASE WHEN v_is_single
            THEN (SELECT 'The mail could not be prepared: ' || text || ' Mend the cause and submit it'
                  || ' again with another id, then stop this run.' FROM attention WHERE run_id = p_run)
            ELSE v_failed || ' mails could not be prepared; more than ' || v_limit
            || ' hold the run. Mend the causes and verify again, or let it go on without them.' END);
    END IF;
    RETURN 1;
END
$$;

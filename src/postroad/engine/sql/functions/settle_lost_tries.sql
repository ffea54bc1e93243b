-- Tries of a dead worker that were taken for unknown when it fell silent, and
-- that its ledger has no line of, were not begun.
CREATE FUNCTION settle_lost_tries(p_worker uuid, p_run bigint, p_proven text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_facts jsonb;
BEGIN
    WITH gone AS (DELETE FROM lost_try WHERE worker = p_worker AND run_id = p_run RETURNING n, attempt)
    SELECT jsonb_agg(not_sent(n, attempt)) INTO v_facts FROM gone
    WHERE concat_ws(' ', p_run, n, attempt) <> ALL (p_proven);
    PERFORM record_facts(p_run, NULL, 'program', v_facts);
END
$$;

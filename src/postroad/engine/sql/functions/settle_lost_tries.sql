-- Tries of a dead worker that were taken for unknown when it fell silent, and
-- that its ledger has no line of, were not begun. But where the worker itself said
-- later that it knows no reply, it had sent the final dot: of what is recorded the
-- ledger keeps no line.
CREATE FUNCTION settle_lost_tries(p_worker uuid, p_run bigint, p_proven text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_facts jsonb;
BEGIN
    WITH gone AS (DELETE FROM lost_try WHERE worker = p_worker AND run_id = p_run RETURNING n, attempt)
    SELECT jsonb_agg(not_sent(n, attempt)) INTO v_facts FROM gone
    WHERE concat_ws(' ', p_run, n, attempt) <> ALL (p_proven)
      AND NOT EXISTS (SELECT FROM journal j
                      WHERE j.run_id = p_run AND j.n = gone.n AND j.attempt = gone.attempt
                        AND j.recorded_at >= (SELECT created_at FROM run WHERE id = p_run)
                        AND j.kind = 'unknown' AND j.actor <> 'program');
    PERFORM record_facts(p_run, NULL, 'program', v_facts);
END
$$;

-- P12, of this boot: the worker is dead, and what it had begun without a line in
-- its ledger was not sent. One batch that it still owns a call is taken from it;
-- then the tries that were taken for unknown before. Returns whether there may be
-- more.
--
-- p_proven: 'run n attempt' of each try that may have gone out.
-- Locks: the batch row, then state rows in order of n.
CREATE FUNCTION close_ledger(p_worker uuid, p_proven text[]) RETURNS boolean
LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    v_batch batch%ROWTYPE;
    v_run bigint;
BEGIN
    SELECT * INTO v_batch FROM batch WHERE owner = p_worker LIMIT 1 FOR UPDATE;
    IF FOUND THEN
        PERFORM record_facts(v_batch.run_id, v_batch.id, 'program', (
            SELECT jsonb_agg(not_sent(v_batch.item_n[p], v_batch.item_attempt[p]))
            FROM unanswered(v_batch) AS p
            WHERE v_batch.stage = 'dispatch'
              AND concat_ws(' ', v_batch.run_id, v_batch.item_n[p], v_batch.item_attempt[p])
                  <> ALL (p_proven)));
        PERFORM free_batch(v_batch, 'was killed', 'worker lost');
        RETURN true;
    END IF;
    SELECT run_id INTO v_run FROM lost_try WHERE worker = p_worker LIMIT 1;
    IF FOUND THEN
        PERFORM settle_lost_tries(p_worker, v_run, p_proven);
        RETURN true;
    END IF;
    UPDATE run SET owner = NULL WHERE owner = p_worker AND state = 'selecting';
    PERFORM end_worker(p_worker);
    RETURN false;
END
$$;

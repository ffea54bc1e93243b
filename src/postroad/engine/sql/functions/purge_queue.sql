-- P11, *Purge queue*: what waits unowned at a stage, over all live runs, leaves
-- the queue in this transaction; the scheduler purges it in bites afterwards
-- (purge_marked), each mail with its journal row. Waiting retries are part of
-- dispatch. What workers own is recalled in a transaction of its own, recall_queue.
-- Returns whose runs, how many batches and mails it was.
-- Locks: state rows of the retries, retry rows, then batch rows in order of id.
-- A claim, the only other that locks an unowned batch, waits for none of them.
CREATE FUNCTION purge_queue(p_stage text, p_actor text,
                            OUT runs bigint[], OUT batches integer, OUT mails bigint)
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    v_run record;
BEGIN
    -- First, so that a batch of retries made meanwhile is seen by the next statement.
    IF p_stage = 'dispatch' THEN
        PERFORM gather_retries();
    END IF;
    runs := '{}';
    batches := 0;
    mails := 0;
    FOR v_run IN
        WITH waiting AS MATERIALIZED (
            SELECT b.id FROM run r JOIN batch b ON b.run_id = r.id
            WHERE r.state NOT IN ('finished', 'stopped')
              AND b.stage = p_stage AND b.owner IS NULL
            ORDER BY b.id FOR UPDATE OF b
        ), marked AS (
            UPDATE batch b SET stage = 'purge', rung_at = NULL FROM waiting w WHERE b.id = w.id
            RETURNING b.run_id, cardinality(b.item_n) - b.started_upto AS mails)
        SELECT m.run_id, count(*)::integer AS batches, sum(m.mails) AS mails FROM marked m
        GROUP BY m.run_id ORDER BY m.run_id
    LOOP
        runs := runs || v_run.run_id;
        batches := batches + v_run.batches;
        mails := mails + v_run.mails;
        PERFORM journal_act('queue_purged', p_actor, 'The ' || p_stage || ' queue was purged: '
            || v_run.mails || ' waiting mails of this run.', v_run.run_id,
            jsonb_build_object('stage', p_stage, 'batches', v_run.batches, 'mails', v_run.mails));
    END LOOP;
END
$$;

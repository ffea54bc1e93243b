-- Retention: of runs that ended more than `p_days` days ago, drop the prepared
-- bytes of up to 200 batches, those apart that hold a dead, unknown or held mail
-- which no person has settled; then batches that nothing needs any more.
-- Journaled. Returns how many were dropped; 0 when none is left.
CREATE FUNCTION drop_prepared(p_days integer) RETURNS integer
LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    v_run bigint;
    v_count integer;
BEGIN
    FOR v_run IN SELECT id FROM run WHERE state IN ('finished', 'stopped')
                 AND finished_at < now() - make_interval(days => p_days) ORDER BY id LOOP
        WITH old AS (
            SELECT b.id FROM batch b
            WHERE b.run_id = v_run AND b.stage = 'done' AND b.owner IS NULL
              AND NOT EXISTS (SELECT FROM attention a JOIN delivery d ON d.run_id = a.run_id AND d.n = a.n
                              WHERE a.run_id = v_run AND d.batch_id = b.id AND a.mark IS NULL
                                AND a.state IN ('dead', 'unknown', 'held'))
            ORDER BY b.id LIMIT 200 FOR UPDATE SKIP LOCKED)
        -- The prepared bytes go with their batch.
        DELETE FROM batch WHERE id IN (SELECT id FROM old);
        GET DIAGNOSTICS v_count = ROW_COUNT;
        IF v_count > 0 THEN
            PERFORM journal_act('retention', 'program', 'The prepared mails of ' || v_count || ' batches were dropped: '
                || 'they are kept for ' || p_days || ' days after the end of a run.', v_run,
                jsonb_build_object('batches', v_count));
            RETURN v_count;
        END IF;
    END LOOP;
    RETURN 0;
END
$$;

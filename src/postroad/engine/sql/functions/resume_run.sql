-- P11: a paused run, or one the program held, goes on where it was.
-- Returns the state of before.
CREATE FUNCTION resume_run(p_run bigint, p_actor text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_was text;
BEGIN
    -- Bells that rang meanwhile were forgotten: it is rung for them again at once.
    UPDATE batch SET rung_at = NULL WHERE id IN (
        SELECT id FROM batch WHERE run_id = p_run AND owner IS NULL AND rung_at IS NOT NULL
           AND stage <> 'done' FOR UPDATE SKIP LOCKED);
    SELECT state INTO v_was FROM run WHERE id = p_run FOR NO KEY UPDATE;
    IF v_was IN ('paused', 'held') THEN
        UPDATE run SET state = CASE v_was WHEN 'paused' THEN 'running' ELSE state_before_hold END,
                       state_before_hold = NULL, reason = '',
                       failure_limit = CASE v_was WHEN 'held' THEN NULL ELSE failure_limit END
        WHERE id = p_run;
        PERFORM journal_act('resumed', p_actor, 'Resumed from ' || v_was || '.', p_run);
        PERFORM pg_notify('postroad_prepare', p_run::text);
        PERFORM pg_notify('postroad_dispatch', p_run::text);
    END IF;
    RETURN v_was;
END
$$;

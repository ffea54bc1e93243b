-- P11: stop a live run for good. What is unowned is purged by the scheduler,
-- T per batch; owners hear of it and hand the rest back. Returns the state of
-- before and how many mails were past their first octet, at most, and go out.
CREATE FUNCTION stop_run(p_run bigint, p_actor text, p_reason text, OUT was text, OUT in_flight integer)
LANGUAGE plpgsql AS $$
BEGIN
    SELECT state INTO was FROM run WHERE id = p_run FOR NO KEY UPDATE;
    SELECT coalesce(sum(started_upto - answered), 0) INTO in_flight FROM batch
    WHERE run_id = p_run AND owner IS NOT NULL AND stage = 'dispatch';
    IF was NOT IN ('finished', 'stopped') THEN
        UPDATE run SET state = 'stopped', epoch = epoch + 1, reason = p_reason, owner = NULL,
                       finished_at = now()
        WHERE id = p_run;
        PERFORM journal_act('stopped', p_actor, p_reason, p_run,
                            jsonb_build_object('was', was, 'in_flight', in_flight));
        PERFORM pg_notify('postroad_control', p_run::text);
    END IF;
END
$$;

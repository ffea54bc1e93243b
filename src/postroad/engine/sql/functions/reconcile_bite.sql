-- Look at the next 1,000 recipients of a run; at the beginning of a round at its counts
-- and windows too. At the end of a round the alarms that it has not raised again are
-- over, and the next is due in 10 seconds, of a run that has ended in an hour.
-- Locks: none but of the row of the round, held by the caller.
CREATE FUNCTION reconcile_bite(p_round reconciliation) RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    v_run run;
    v_hi integer := p_round.upto + 1000;
    v_differed text[] := p_round.differed;
    v_kind text;
BEGIN
    SELECT * INTO v_run FROM run WHERE id = p_round.run_id;
    IF p_round.upto = 0 THEN
        v_differed := array_append(v_differed, note_difference(v_run.id, 'counts', differing_counts(v_run)));
        v_differed := array_append(v_differed, note_difference(v_run.id, 'window', differing_windows(v_run)));
        PERFORM note_policy_refusals(v_run);
    END IF;
    v_differed := v_differed || ARRAY[
        note_difference(v_run.id, 'journal', differing_journal(v_run, p_round.upto + 1, v_hi)),
        note_difference(v_run.id, 'attention', differing_attention(v_run, p_round.upto + 1, v_hi)),
        note_difference(v_run.id, 'retry', differing_retries(v_run, p_round.upto + 1, v_hi)),
        note_difference(v_run.id, 'waiting', differing_carriers(v_run, p_round.upto + 1, v_hi))];
    v_differed := array_remove(v_differed, NULL);
    IF v_hi < v_run.recipients THEN
        UPDATE reconciliation SET upto = v_hi, differed = v_differed, next_at = now() WHERE run_id = v_run.id;
        RETURN;
    END IF;
    FOREACH v_kind IN ARRAY ARRAY['counts', 'window', 'journal', 'attention', 'retry', 'waiting'] LOOP
        IF v_kind <> ALL (v_differed) THEN
            PERFORM clear_alarm(v_kind, 'run ' || v_run.id);
        END IF;
    END LOOP;
    UPDATE reconciliation
    SET upto = 0, differed = '{}', rounds = rounds + 1, round_at = now(),
        next_at = now() + CASE WHEN v_run.state IN ('finished', 'stopped') AND v_differed = '{}'
                               THEN interval '1 hour' ELSE interval '10 seconds' END
    WHERE run_id = v_run.id;
END
$$;

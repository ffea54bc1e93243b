-- A message of postroad.dead that was moved to postroad.submit: requeue the
-- delivery, once, if it is still dead at that attempt (P10). What comes of it is
-- what requeue_dead says; anything else than 'requeued' is journaled as ignored.
CREATE FUNCTION requeue_from_outside(p_run bigint, p_n integer, p_attempt integer, p_actor text)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_outcome text := requeue_dead(p_run, p_n, p_attempt, p_actor);
    v_is_known boolean := EXISTS (SELECT FROM delivery WHERE run_id = p_run AND n = p_n);
BEGIN
    IF v_outcome <> 'requeued' THEN
        INSERT INTO journal (run_id, n, attempt, kind, actor, text, detail)
        SELECT CASE WHEN v_is_known THEN p_run END, CASE WHEN v_is_known THEN p_n END,
               CASE WHEN v_is_known THEN p_attempt END, 'requeue_ignored', p_actor,
               CASE WHEN NOT v_is_known THEN 'A requeue was ignored: there is no such delivery.'
                    WHEN v_outcome = 'stopped' THEN 'A requeue was ignored: the run is stopped.'
                    WHEN v_outcome = 'already' THEN 'A requeue was ignored: it is requeued already.'
                    WHEN v_outcome = 'gone' THEN 'A requeue was ignored: the mail is no longer kept.'
                    ELSE 'A requeue was ignored: it is not dead at this attempt any more.' END,
               jsonb_build_object('run', p_run, 'n', p_n, 'attempt', p_attempt);
    END IF;
    RETURN v_outcome;
END
$$;

-- What follows from facts beside the state: further attempts, giving up, the
-- list of what wants a look, and replies by class. Called by record_facts with
-- the state rows locked and folded; p_decided: whose state the facts decided.
CREATE FUNCTION follow_facts(p_run bigint, p_facts jsonb, p_decided integer[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_run run%ROWTYPE;
BEGIN
    SELECT * INTO v_run FROM run WHERE id = p_run;
    -- Evidence that it went out: nothing further is tried. A refusal is none: what
    -- a person ordered to be sent again is sent, in a batch already or not. But it
    -- takes the further attempt away that a deferral of the same try had asked for.
    DELETE FROM retry t
    WHERE t.run_id = p_run AND t.n = ANY (p_decided)
      AND (SELECT s.state FROM delivery_state s WHERE s.run_id = p_run AND s.n = t.n)
          IN ('accepted', 'delivered', 'bounced', 'complained');
    DELETE FROM retry t
    USING delivery_state s
    WHERE t.run_id = p_run AND t.n = ANY (p_decided)
      AND s.run_id = p_run AND s.n = t.n AND s.fact IN ('rejected', 'dead') AND t.attempt = s.attempt + 1
      AND NOT EXISTS (SELECT FROM journal j WHERE j.run_id = p_run AND j.n = t.n
                      AND j.recorded_at >= v_run.created_at AND j.attempt = s.attempt
                      AND j.kind IN ('settled_resend', 'requeued'));
    PERFORM schedule_retries(v_run, p_facts, p_decided);
    PERFORM list_attention(p_run, p_facts, p_decided);
    PERFORM note_slow_replies(p_run, p_facts, p_decided);
    INSERT INTO reply_delta (run_id, fact, code, enhanced, text, lane, change)
    SELECT p_run, f.kind, f.code, f.enhanced, min(coalesce(f.text, '')), coalesce(f.lane, ''), count(*)
    FROM jsonb_to_recordset(p_facts) AS f (
        n integer, kind text, code smallint, enhanced text, text text, lane text)
    WHERE f.kind IN ('deferred', 'rejected', 'dead', 'unknown') AND f.n = ANY (p_decided)
    GROUP BY f.kind, f.code, f.enhanced, f.lane;
END
$$;

-- Put one row in place of a run's deltas of one state and lane, and of one class of
-- replies, and note what the fresh ones among them came to in the run's pace and
-- in the totals: each delta once, since it goes. Returns how many rows went.
-- Locks: the run row, held by the caller; an advisory one for the transaction, so
-- that two never wait for each other's totals. Who holds that waits for no run.
CREATE FUNCTION settle_counts(p_run bigint) RETURNS integer
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    v_gone integer;
    v_states jsonb;
    v_gone_replies integer;
    v_replies jsonb;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('postroad counts'));
    WITH gone AS (
        DELETE FROM count_delta WHERE run_id = p_run RETURNING state, change, is_sum, lane
    ), kept AS (
        INSERT INTO count_delta (run_id, state, change, is_sum, lane)
        SELECT p_run, state, sum(change), true, lane FROM gone
        GROUP BY state, lane HAVING sum(change) <> 0
    ), fresh AS (
        SELECT state, sum(change) AS change FROM gone WHERE NOT is_sum GROUP BY state)
    SELECT (SELECT count(*) FROM gone), coalesce(jsonb_object_agg(state, change), '{}')
    INTO v_gone, v_states FROM fresh;
    WITH gone AS (
        DELETE FROM reply_delta WHERE run_id = p_run
        RETURNING fact, code, enhanced, text, lane, change, is_sum
    ), kept AS (
        INSERT INTO reply_delta (run_id, fact, code, enhanced, text, lane, change, is_sum)
        SELECT p_run, fact, code, enhanced, min(text), lane, sum(change), true
        FROM gone GROUP BY fact, code, enhanced, lane
    ), fresh AS (
        SELECT fact, coalesce(code / 100, 0) AS class, sum(change) AS change
        FROM gone WHERE NOT is_sum GROUP BY 1, 2)
    SELECT (SELECT count(*) FROM gone), coalesce(jsonb_agg(to_jsonb(fresh)), '[]')
    INTO v_gone_replies, v_replies FROM fresh;
    PERFORM note_pace(p_run, v_states, v_replies);
    PERFORM note_totals(v_states, v_replies);
    RETURN v_gone + v_gone_replies;
END
$$;

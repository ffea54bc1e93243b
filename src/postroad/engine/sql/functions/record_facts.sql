-- Take in facts about deliveries of one run: journal, fold, counters, retries,
-- and the list of what wants a look. Facts are never fenced and never refused.
--
-- p_facts: a JSON array of {n, attempt, kind, at?, relay?, code?, enhanced?,
-- phase?, text?, dialogue?, cause?, source?, index?, lane?, due?}. `source`,
-- `index` and `lane` say where the bytes lie; without them they are looked up.
-- `due` is the earliest time of a further attempt, when the fact asks for one.
-- Returns how many deliveries changed. Locks: their state rows, in order of n.
CREATE FUNCTION record_facts(p_run bigint, p_batch bigint, p_actor text, p_facts jsonb)
RETURNS integer
LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    v_changed integer := 0;
    v_exceptions boolean;
    v_named integer[];
    v_decided integer[];
BEGIN
    IF p_facts IS NULL OR jsonb_array_length(p_facts) = 0 THEN
        RETURN 0;
    END IF;
    PERFORM journal_facts(p_run, p_batch, p_actor, p_facts);
    v_named := ARRAY(SELECT (f->>'n')::integer FROM jsonb_array_elements(p_facts) AS f);
    -- Locked before they are read, so that the next statement sees the newest
    -- row of each and two recorders never wait for each other in a circle.
    PERFORM 1 FROM delivery_state WHERE run_id = p_run AND n = ANY (v_named) ORDER BY n FOR UPDATE;
    WITH fact AS MATERIALIZED (
        SELECT DISTINCT ON (f.n) f.n, max(f.attempt) OVER (PARTITION BY f.n) AS attempt,
               f.kind, r.state, fact_strength(r.strength, r.over_all, f.attempt) AS strength
        FROM jsonb_to_recordset(p_facts) AS f (n integer, attempt smallint, kind text)
        JOIN fact_rule r ON r.kind = f.kind
        ORDER BY f.n, fact_strength(r.strength, r.over_all, f.attempt) DESC
    ), before AS MATERIALIZED (
        -- Fenced off: one index lookup a fact, whatever the statistics say.
        SELECT s.ctid AS place, s.state AS old_state, f.attempt, f.kind, f.state,
               f.strength > fact_strength(r.strength, r.over_all, s.attempt) AS decides
        FROM fact f
        CROSS JOIN LATERAL (SELECT ctid, state, fact, attempt FROM delivery_state
                            WHERE run_id = p_run AND n = f.n OFFSET 0) s
        JOIN fact_rule r ON r.kind = s.fact
    ), changed AS (
        -- By place: the rows are locked, so they are still where they were read.
        UPDATE delivery_state s
        SET attempt = GREATEST(s.attempt, b.attempt),
            state = CASE WHEN b.decides THEN b.state ELSE s.state END,
            fact = CASE WHEN b.decides THEN b.kind ELSE s.fact END
        FROM before b
        WHERE s.ctid = b.place
        RETURNING s.n, b.old_state, s.state, s.fact, b.decides
    ), counted AS (
        INSERT INTO count_delta (run_id, state, change, lane)
        SELECT p_run, d.state, sum(d.change),
               coalesce((SELECT lane FROM batch WHERE id = p_batch), '')
        FROM (SELECT old_state AS state, -1 AS change FROM changed
              UNION ALL SELECT state, 1 FROM changed) d
        GROUP BY d.state HAVING sum(d.change) <> 0
    )
    SELECT count(*) FILTER (WHERE decides), array_agg(n) FILTER (WHERE decides),
           bool_or(old_state NOT IN ('prepared', 'selected')
                   OR state NOT IN ('accepted', 'prepared') OR fact = 'not_begun')
    INTO v_changed, v_decided, v_exceptions
    FROM changed;
    -- A first try that was accepted, the common case, is done here. A fact that
    -- decided nothing (handed in twice, or weaker) has no consequence either.
    IF v_changed > 0 AND v_exceptions THEN
        PERFORM follow_facts(p_run, p_facts, v_decided);
    END IF;
    RETURN v_changed;
END
$$;

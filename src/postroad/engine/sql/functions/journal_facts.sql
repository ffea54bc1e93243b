-- The journal rows of facts, as they came.
CREATE FUNCTION journal_facts(p_run bigint, p_batch bigint, p_actor text, p_facts jsonb)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO journal (at, run_id, n, attempt, batch_id, kind, actor, relay_id,
                         code, enhanced, phase, text, dialogue, detail)
    SELECT coalesce(f.at, clock_timestamp()), p_run, f.n, f.attempt, p_batch, f.kind, p_actor,
           f.relay, f.code, f.enhanced, f.phase, coalesce(f.text, ''), f.dialogue,
           CASE WHEN f.cause IS NOT NULL THEN jsonb_build_object('cause', f.cause) END
    FROM jsonb_to_recordset(p_facts) AS f (
        n integer, attempt smallint, kind text, at timestamptz, relay bigint, code smallint,
        enhanced text, phase text, text text, dialogue text, cause text)
$$;

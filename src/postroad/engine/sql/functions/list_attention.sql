-- Keep the list of deliveries that want a look in step with their states.
CREATE FUNCTION list_attention(p_run bigint, p_facts jsonb, p_decided integer[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM attention a
    WHERE a.run_id = p_run AND a.n = ANY (p_decided)
      AND (SELECT s.state FROM delivery_state s WHERE s.run_id = p_run AND s.n = a.n)
          NOT IN ('failed', 'rejected', 'dead', 'unknown', 'held');
    INSERT INTO attention (run_id, n, state, mark, cause, text, policy)
    SELECT DISTINCT ON (f.n) p_run, f.n, s.state, r.mark,
           coalesce(f.cause, nullif(concat_ws(' ', f.code, f.enhanced), ''),
                    CASE f.kind WHEN 'unknown' THEN 'no reply' ELSE f.kind END),
           coalesce(f.text, ''),
           CASE WHEN s.state = 'unknown' THEN (SELECT nullif(unknown_policy, 'hold') FROM run WHERE id = p_run) END
    FROM jsonb_to_recordset(p_facts) AS f (
        n integer, attempt smallint, kind text, code smallint, enhanced text, text text, cause text)
    CROSS JOIN LATERAL (SELECT state, fact, attempt FROM delivery_state
                        WHERE run_id = p_run AND n = f.n OFFSET 0) s
    JOIN fact_rule r ON r.kind = s.fact
    WHERE f.n = ANY (p_decided) AND s.fact = f.kind AND s.attempt = f.attempt AND s.state IN ('failed', 'rejected', 'dead', 'unknown', 'held')
    ORDER BY f.n
    ON CONFLICT (run_id, n) DO UPDATE
    SET state = excluded.state, mark = excluded.mark, since = now(), requeued_at = NULL,
        policy = excluded.policy, asked_at = NULL,
        -- A hand's settlement keeps the cause that made it needed.
        cause = CASE WHEN excluded.mark IS NULL THEN excluded.cause ELSE attention.cause END,
        text = CASE WHEN excluded.mark IS NULL THEN excluded.text ELSE attention.text END;
END
$$;

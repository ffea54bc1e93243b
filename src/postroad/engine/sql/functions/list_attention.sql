-- Keep the list of deliveries that want a look in step with their states.
CREATE FUNCTION list_attention(p_run bigint, p_facts jsonb, p_decided integer[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM attention a USING delivery_state s
    WHERE a.run_id = p_run AND s.run_id = p_run AND s.n = a.n
      AND a.n = ANY (p_decided)
      AND s.state NOT IN ('failed', 'rejected', 'dead', 'unknown', 'held');
    INSERT INTO attention (run_id, n, state, mark, cause, text)
    SELECT DISTINCT ON (f.n) p_run, f.n, s.state, r.mark,
           coalesce(f.cause, nullif(concat_ws(' ', f.code, f.enhanced), ''),
                    CASE f.kind WHEN 'unknown' THEN 'no reply' ELSE f.kind END),
           coalesce(f.text, '')
    FROM jsonb_to_recordset(p_facts) AS f (
        n integer, attempt smallint, kind text, code smallint, enhanced text, text text, cause text)
    JOIN delivery_state s ON s.run_id = p_run AND s.n = f.n
                         AND s.fact = f.kind AND s.attempt = f.attempt
    JOIN fact_rule r ON r.kind = s.fact
    WHERE f.n = ANY (p_decided) AND s.state IN ('failed', 'rejected', 'dead', 'unknown', 'held')
    ORDER BY f.n
    ON CONFLICT (run_id, n) DO UPDATE
    SET state = excluded.state, mark = excluded.mark, since = now(), requeued_at = NULL,
        -- A hand's settlement keeps the cause that made it needed.
        cause = CASE WHEN excluded.mark IS NULL THEN excluded.cause ELSE attention.cause END,
        text = CASE WHEN excluded.mark IS NULL THEN excluded.text ELSE attention.text END;
END
$$;

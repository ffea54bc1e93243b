-- Remember which facts asked to slow down (421, or 4.7.x), for hear_slow_downs.
CREATE FUNCTION note_slow_replies(p_run bigint, p_facts jsonb, p_decided integer[]) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO slow_reply (relay_id, lane, domain, reply)
    SELECT f.relay, f.lane, lower(substr(d.address, length(d.address) - strpos(reverse(d.address), '@') + 2)),
           coalesce(f.text, '')
    FROM jsonb_to_recordset(p_facts) AS f (
        n integer, kind text, relay bigint, code smallint, enhanced text, text text, lane text)
    JOIN delivery d ON d.run_id = p_run AND d.n = f.n
    WHERE f.kind = 'deferred' AND (f.code = 421 OR f.enhanced LIKE '4.7.%')
      AND f.relay IS NOT NULL AND f.lane IS NOT NULL AND f.n = ANY (p_decided)
$$;

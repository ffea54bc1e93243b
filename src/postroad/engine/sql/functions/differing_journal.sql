-- Recipients lo..hi of a run whose state says that the relay took the mail without a
-- fact in the journal that says so, or the other way round. NULL: none, or the journal
-- of that time was dropped.
CREATE FUNCTION differing_journal(p_run run, p_lo integer, p_hi integer) RETURNS text
LANGUAGE sql STABLE
SET enable_mergejoin = off SET enable_seqscan = off AS $$
    WITH told AS MATERIALIZED (
        SELECT n, bool_or(kind <> 'settled_sent') AS is_reply FROM journal
        WHERE run_id = p_run.id AND n BETWEEN p_lo AND p_hi
          AND recorded_at >= p_run.created_at - interval '1 day'
          AND kind IN ('accepted', 'delivered', 'bounced', 'complained', 'settled_sent')
        GROUP BY n
    ), held AS MATERIALIZED (
        SELECT n, state IN ('accepted', 'delivered', 'bounced', 'complained') AS is_taken FROM delivery_state
        WHERE run_id = p_run.id AND n BETWEEN p_lo AND p_hi)
    SELECT count(*) || ' mails whose state and journal differ about whether the relay took them (first: mail '
           || min(h.n) || ')'
    FROM held h LEFT JOIN told t USING (n)
    WHERE (h.is_taken AND t.n IS NULL) OR (NOT h.is_taken AND t.is_reply)
    HAVING count(*) > 0
       AND p_run.created_at >= (
           SELECT min(to_date(right(c.relname, 7), 'YYYY_MM')) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
           WHERE i.inhparent = 'journal'::regclass AND c.relname ~ '^journal_\d{4}_\d{2}$')
$$;

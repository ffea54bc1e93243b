-- Recipients lo..hi of a run that want a look by their state and are not on the list of
-- those, or are on it with another state. NULL: none.
CREATE FUNCTION differing_attention(p_run run, p_lo integer, p_hi integer) RETURNS text
LANGUAGE sql STABLE
SET enable_mergejoin = off SET enable_seqscan = off AS $$
    SELECT count(*) || ' mails whose state differs from the list of those that want a look (first: mail '
           || min(n) || ')'
    FROM (SELECT n, state FROM delivery_state
          WHERE run_id = p_run.id AND n BETWEEN p_lo AND p_hi
            AND state IN ('failed', 'rejected', 'dead', 'unknown', 'held')) s
    FULL JOIN (SELECT n, state FROM attention WHERE run_id = p_run.id AND n BETWEEN p_lo AND p_hi) a USING (n)
    WHERE s.state IS DISTINCT FROM a.state
    HAVING count(*) > 0
$$;

-- Retry rows of recipients lo..hi for an attempt that has a fact already, or of a mail
-- that the relay took. NULL: none.
CREATE FUNCTION differing_retries(p_run run, p_lo integer, p_hi integer) RETURNS text
LANGUAGE sql STABLE
SET enable_mergejoin = off SET enable_seqscan = off AS $$
    SELECT count(*) || ' retries of attempts that have been made already (first: mail ' || min(t.n) || ')'
    FROM retry t JOIN delivery_state s ON s.run_id = t.run_id AND s.n = t.n
    WHERE t.run_id = p_run.id AND t.n BETWEEN p_lo AND p_hi
      AND (t.attempt <= s.attempt OR s.state IN ('accepted', 'delivered', 'bounced', 'complained'))
    HAVING count(*) > 0
$$;

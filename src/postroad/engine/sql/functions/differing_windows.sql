-- Batches of a run that no worker owns with mails that were begun and have no outcome:
-- whoever took them from their owner says what became of these (P7). NULL: none.
CREATE FUNCTION differing_windows(p_run run) RETURNS text
LANGUAGE sql STABLE
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
    SELECT sum(mails) || ' mails begun without an outcome in batches that no worker owns (first: batch '
           || min(id) || ')'
    FROM (SELECT b.id, (SELECT count(*) FROM unanswered(b)) AS mails FROM batch b
          WHERE b.run_id = p_run.id AND b.stage <> 'done' AND b.owner IS NULL AND b.started_upto > 0
          LIMIT 1000) open
    WHERE mails > 0
    HAVING count(*) > 0
$$;

-- Recipients lo..hi of a run that wait by their state and are in no batch and no retry
-- row: nothing would ever be sent to them. NULL: none.
CREATE FUNCTION differing_carriers(p_run run, p_lo integer, p_hi integer) RETURNS text
LANGUAGE sql STABLE
SET enable_mergejoin = off SET enable_seqscan = off AS $$
    WITH waiting AS MATERIALIZED (
        SELECT s.n, s.attempt, d.batch_id
        FROM delivery_state s JOIN delivery d ON d.run_id = s.run_id AND d.n = s.n
        WHERE s.run_id = p_run.id AND s.n BETWEEN p_lo AND p_hi
          AND s.state IN ('selected', 'prepared', 'deferred')
    ), carried AS MATERIALIZED (
        SELECT i.n, i.attempt
        FROM (SELECT DISTINCT batch_id FROM waiting) w
        JOIN batch b ON b.id = w.batch_id AND b.stage <> 'done'
        CROSS JOIN LATERAL unnest(b.item_n, b.item_attempt) WITH ORDINALITY AS i (n, attempt, place)
        WHERE b.owner IS NOT NULL OR i.place > b.started_upto
    ), stray AS MATERIALIZED (
        SELECT w.n, w.attempt, w.batch_id
        FROM waiting w LEFT JOIN carried c ON c.n = w.n AND c.attempt > w.attempt
        WHERE c.n IS NULL
    ), moved AS MATERIALIZED (
        -- Into the lane that their domain was given meanwhile (split_promoted).
        SELECT i.n, i.attempt
        FROM batch b
        CROSS JOIN LATERAL unnest(b.item_n, b.item_attempt) WITH ORDINALITY AS i (n, attempt, place)
        WHERE b.run_id = p_run.id AND b.stage <> 'done' AND NOT b.is_retry
          AND EXISTS (SELECT FROM stray) AND EXISTS (SELECT FROM lane_domain WHERE promoted_at IS NOT NULL)
          AND b.item_source && ARRAY(SELECT DISTINCT batch_id FROM stray)
          AND (b.owner IS NOT NULL OR i.place > b.started_upto))
    SELECT count(*) || ' mails that wait and are in no queue (first: mail ' || min(n) || ')'
    FROM stray t
    WHERE NOT EXISTS (SELECT FROM moved m WHERE m.n = t.n AND m.attempt > t.attempt)
      AND NOT is_on_its_way(p_run.id, n, attempt + 1)
    HAVING count(*) > 0
$$;

-- In how many seconds an idle worker looks again at a stage: the next batch that
-- waits for its moment (a back-off) falls due, or a limit or a stopped relay that
-- blocks batches blocks them no longer. NULL: nothing waits.
CREATE FUNCTION next_due(p_stage text) RETURNS double precision
LANGUAGE sql STABLE
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
    SELECT extract(epoch FROM min(w.at) - now())::double precision
    FROM (SELECT d.due_at FROM run r, LATERAL (
              SELECT b.due_at FROM batch b
              WHERE b.run_id = r.id AND b.stage = p_stage AND b.owner IS NULL AND b.due_at > now()
              ORDER BY b.due_at LIMIT 1) d
          WHERE r.state = CASE p_stage WHEN 'prepare' THEN 'preparing' ELSE 'running' END
          UNION ALL
          -- An urgent run may look a little sooner than others.
          SELECT b.blocked_until - patience(u.priority)
          FROM bucket b, unnest('{0, 1}'::integer[]) AS u (priority)
          WHERE p_stage = 'dispatch'
          UNION ALL
          SELECT retry_at FROM relay_health WHERE p_stage = 'dispatch' AND stopped_at IS NOT NULL) AS w (at)
    WHERE w.at > now()
$$;

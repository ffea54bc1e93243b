-- In how many seconds the next batch of a stage falls due that waits for its
-- moment (a limit, a back-off): an idle worker sleeps no longer. NULL: none waits.
CREATE FUNCTION next_due(p_stage text) RETURNS double precision
LANGUAGE sql STABLE
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
    SELECT extract(epoch FROM min(d.due_at) - now())::double precision
    FROM run r, LATERAL (
        SELECT b.due_at FROM batch b
        WHERE b.run_id = r.id AND b.stage = p_stage AND b.owner IS NULL AND b.due_at > now()
        ORDER BY b.due_at LIMIT 1) d
    WHERE r.state = CASE p_stage WHEN 'prepare' THEN 'preparing' ELSE 'running' END
$$;

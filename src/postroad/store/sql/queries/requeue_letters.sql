-- Each of these dead letters at the attempt that died, in one order; how each ended.
SELECT outcome, count(*) AS count
FROM (SELECT requeue_dead(l.run_id, l.n, l.attempt, %(actor)s) AS outcome
      FROM unnest(%(runs)s::bigint[], %(numbers)s::integer[], %(attempts)s::integer[])
           AS l (run_id, n, attempt)
      ORDER BY l.run_id, l.n) AS done
GROUP BY outcome

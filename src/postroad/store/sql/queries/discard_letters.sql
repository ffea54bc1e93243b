-- Each of these dead letters, in one order; how many changed.
SELECT count(*) FILTER (WHERE changed) AS count
FROM (SELECT discard_dead(l.run_id, l.n, %(back)s, %(actor)s) AS changed
      FROM unnest(%(runs)s::bigint[], %(numbers)s::integer[]) AS l (run_id, n)
      ORDER BY l.run_id, l.n) AS done

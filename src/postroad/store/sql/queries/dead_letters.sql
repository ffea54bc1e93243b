-- The dead letters of one group on one shelf, in order of their number, from one on.
SELECT a.run_id, a.n, s.attempt, a.cause, a.text, a.since, a.requeued_at, d.address, d.name,
       (SELECT min(t.due_at) FROM retry t WHERE t.run_id = a.run_id AND t.n = a.n) AS due_at
FROM attention a
JOIN delivery d ON d.run_id = a.run_id AND d.n = a.n
JOIN delivery_state s ON s.run_id = a.run_id AND s.n = a.n
WHERE a.state = 'dead' AND a.run_id = %(run_id)s AND a.cause = %(cause)s AND a.n > %(after)s
  AND CASE %(shelf)s
      WHEN 'requeued' THEN a.requeued_at IS NOT NULL
      WHEN 'discarded' THEN a.requeued_at IS NULL AND a.mark IS NOT NULL
      ELSE a.requeued_at IS NULL AND a.mark IS NULL END
ORDER BY a.n LIMIT %(limit)s

-- The next open letters of a state, of one run or cause where asked for.
SELECT a.run_id, a.n, s.attempt
FROM attention a JOIN delivery_state s ON s.run_id = a.run_id AND s.n = a.n
WHERE a.state = %(state)s AND a.requeued_at IS NULL AND (a.mark IS NULL OR a.state = 'unknown')
  AND (a.run_id, a.n) > (%(after_run)s, %(after_n)s)
  AND (%(run_id)s::bigint IS NULL OR a.run_id = %(run_id)s::bigint)
  AND (%(cause)s::text IS NULL OR a.cause = %(cause)s::text)
ORDER BY a.run_id, a.n LIMIT %(limit)s

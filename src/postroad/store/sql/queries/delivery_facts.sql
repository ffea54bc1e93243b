-- The journal of one delivery, oldest first.
SELECT j.id, j.at, j.attempt, j.kind, j.actor, j.code, j.enhanced, j.phase, j.text, j.dialogue,
       y.name AS relay
FROM journal j LEFT JOIN relay y ON y.id = j.relay_id
WHERE j.run_id = %(run_id)s AND j.n = %(n)s
  AND j.recorded_at >= (SELECT created_at FROM run WHERE id = %(run_id)s)
ORDER BY j.id LIMIT %(limit)s

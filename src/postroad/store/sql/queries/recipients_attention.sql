-- The same for the states whose deliveries are listed apart: their index finds them.
SELECT d.n, d.address, d.name, d.lane, s.state, s.attempt, t.mark, t.text, t.cause, r.due_at AS retry_at
FROM attention t
JOIN delivery_state s ON s.run_id = t.run_id AND s.n = t.n
JOIN delivery d ON d.run_id = t.run_id AND d.n = t.n
LEFT JOIN retry r ON r.run_id = s.run_id AND r.n = s.n AND r.attempt = s.attempt + 1
WHERE t.run_id = %(run)s AND t.state = %(state)s AND t.n > %(after)s
ORDER BY t.n LIMIT %(limit)s

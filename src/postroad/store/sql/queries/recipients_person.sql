-- The recipient of a run with one address.
SELECT d.n, d.address, d.name, d.lane, s.state, s.attempt, t.mark, coalesce(t.text, '') AS text,
       coalesce(t.cause, '') AS cause, r.due_at AS retry_at
FROM delivery d
JOIN delivery_state s ON s.run_id = d.run_id AND s.n = d.n
LEFT JOIN attention t ON t.run_id = d.run_id AND t.n = d.n
LEFT JOIN retry r ON r.run_id = s.run_id AND r.n = s.n AND r.attempt = s.attempt + 1
WHERE d.run_id = %(run)s AND d.hash = %(hash)s

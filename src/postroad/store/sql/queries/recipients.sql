-- Recipients of a run in order of number, a page; with `state`, those in it among
-- the next `span` numbers, so that a rare state never reads the whole run.
SELECT d.n, d.address, d.name, d.lane, s.state, s.attempt, t.mark, coalesce(t.text, '') AS text,
       coalesce(t.cause, '') AS cause, r.due_at AS retry_at
FROM delivery_state s
JOIN delivery d ON d.run_id = s.run_id AND d.n = s.n
LEFT JOIN attention t ON t.run_id = s.run_id AND t.n = s.n
LEFT JOIN retry r ON r.run_id = s.run_id AND r.n = s.n AND r.attempt = s.attempt + 1
WHERE s.run_id = %(run)s AND s.n > %(after)s AND s.n <= %(after)s + %(span)s
  AND (%(state)s = '' OR s.state = %(state)s)
ORDER BY s.n LIMIT %(limit)s

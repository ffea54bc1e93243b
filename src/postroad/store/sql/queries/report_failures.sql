-- Mails of a run that could not be prepared, with their people; bounded.
SELECT t.cause, t.text, t.n, d.address, d.name
FROM attention t JOIN delivery d ON d.run_id = t.run_id AND d.n = t.n
WHERE t.state = 'failed' AND t.run_id = %(run)s
ORDER BY t.n LIMIT %(limit)s

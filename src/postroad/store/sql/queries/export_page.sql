-- Deliveries of a run behind one number, as an export lists them.
SELECT d.n, d.address, s.state, s.attempt, d.message_id
FROM delivery d JOIN delivery_state s ON s.run_id = d.run_id AND s.n = d.n
WHERE d.run_id = %(run)s AND d.n > %(after)s
ORDER BY d.n LIMIT %(limit)s

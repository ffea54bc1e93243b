-- As single_mails, the other way: those before a key, the oldest first.
SELECT s.id, s.key, s.address, s.name, s.at, r.id AS run_id, r.state AS run_state, r.reason,
       t.state AS delivery_state
FROM submission s JOIN run r ON r.submission_id = s.id
LEFT JOIN delivery_state t ON t.run_id = r.id AND t.n = 1
WHERE s.campaign_id = %(campaign)s AND s.id > %(key)s
ORDER BY s.id LIMIT %(limit)s

-- Single mails of one campaign behind a key, the newest first. One that was
-- never selected, or that a person must look after, has no delivery: its run says why.
SELECT s.id, s.key, s.address, s.name, s.at, r.id AS run_id, r.state AS run_state, r.reason,
       t.state AS delivery_state
FROM submission s JOIN run r ON r.submission_id = s.id
LEFT JOIN delivery_state t ON t.run_id = r.id AND t.n = 1
WHERE s.campaign_id = %(campaign)s AND s.id < %(key)s
ORDER BY s.id DESC LIMIT %(limit)s

-- The mail that a public address names, with what proves it and what to show.
SELECT d.run_id, d.n, d.token AS secret, d.address, r.sender_name, r.sender_address,
       coalesce(u.reason IN ('unsubscribed', 'complained'), false) AS is_unsubscribed
FROM delivery d
JOIN run r ON r.id = d.run_id
LEFT JOIN suppression u ON u.hash = d.hash
WHERE d.run_id = %(run_id)s AND d.n = %(n)s

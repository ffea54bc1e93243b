-- One journal row with all that it holds.
SELECT j.id, j.at, j.run_id, j.n, j.attempt, j.batch_id, j.kind, j.actor, j.relay_id, j.code,
       j.enhanced, j.phase, j.text, j.dialogue, j.detail, d.address, d.name, y.name AS relay, r.sender_address AS sender, c.name AS campaign,
       (SELECT count(*) FROM run o WHERE o.campaign_id = r.campaign_id AND o.id <= r.id) AS number
FROM journal j
LEFT JOIN delivery d ON d.run_id = j.run_id AND d.n = j.n
LEFT JOIN relay y ON y.id = j.relay_id
LEFT JOIN run r ON r.id = j.run_id
LEFT JOIN campaign c ON c.id = r.campaign_id
WHERE j.id = %(id)s

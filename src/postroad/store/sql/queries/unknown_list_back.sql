-- The same, the other way: towards the newest.
SELECT a.run_id, a.n, s.attempt, a.cause, a.text, a.since, a.policy, d.address, d.name,
       coalesce(c.name, 'A deleted campaign') AS campaign, r.state AS run_state,
       (SELECT count(*) FROM run o WHERE o.campaign_id = r.campaign_id AND o.id <= r.id) AS number
FROM attention a
JOIN delivery d ON d.run_id = a.run_id AND d.n = a.n
JOIN delivery_state s ON s.run_id = a.run_id AND s.n = a.n
JOIN run r ON r.id = a.run_id
LEFT JOIN campaign c ON c.id = r.campaign_id
WHERE a.state = 'unknown' AND (a.run_id, a.n) > (%(run_id)s, %(n)s)
  AND (%(only)s::bigint IS NULL OR a.run_id = %(only)s::bigint)
ORDER BY a.run_id, a.n LIMIT %(limit)s

-- Journal rows about the mails to one person, below an id, newest first.
SELECT j.id, j.at, j.run_id, j.n, j.attempt, j.kind, j.actor, j.code, j.enhanced, j.text,
       d.address, c.name AS campaign,
       (SELECT count(*) FROM run o WHERE o.campaign_id = r.campaign_id AND o.id <= r.id) AS number
FROM delivery d
JOIN run r ON r.id = d.run_id
JOIN journal j ON j.run_id = d.run_id AND j.n = d.n AND j.recorded_at >= r.created_at
LEFT JOIN campaign c ON c.id = r.campaign_id
WHERE d.hash = %(hash)s AND j.id < %(before)s
  AND (%(kind)s = '' OR j.kind = %(kind)s)
  AND (%(run_id)s::bigint IS NULL OR j.run_id = %(run_id)s::bigint)
  AND (%(actor)s = '' OR j.actor = %(actor)s OR j.actor LIKE %(actor)s || ' %%')
ORDER BY j.id DESC LIMIT %(limit)s

-- Every mail to one person over all runs, and every time they were left out,
-- newest run first, from a run on.
SELECT w.run_id, w.n, w.state, w.text, coalesce(c.name, 'A deleted campaign') AS campaign,
       (SELECT count(*) FROM run o WHERE o.campaign_id = r.campaign_id AND o.id <= r.id) AS number,
       coalesce(r.started_at, r.created_at) AS at, r.state AS run_state
FROM (
    (SELECT d.run_id, d.n, s.state, coalesce(a.text, '') AS text
     FROM delivery d
     JOIN delivery_state s ON s.run_id = d.run_id AND s.n = d.n
     LEFT JOIN attention a ON a.run_id = d.run_id AND a.n = d.n
     WHERE d.hash = %(hash)s AND d.run_id < %(before)s
     ORDER BY d.run_id DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT run_id, NULL, reason, '' FROM omission
     WHERE lower(address) = lower(%(address)s) AND run_id < %(before)s
     ORDER BY run_id DESC LIMIT %(limit)s)
) w
JOIN run r ON r.id = w.run_id
LEFT JOIN campaign c ON c.id = r.campaign_id
ORDER BY w.run_id DESC, w.n NULLS LAST LIMIT %(limit)s

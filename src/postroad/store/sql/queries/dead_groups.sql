-- Dead letters of one shelf by run and cause. Never reads more than `limit` of them.
SELECT g.run_id, g.cause, g.count, g.text, g.newest_at,
       coalesce(c.name, 'A deleted campaign') AS campaign, r.campaign_id, r.state AS run_state,
       (SELECT count(*) FROM run o WHERE o.campaign_id = r.campaign_id AND o.id <= r.id) AS number
FROM (SELECT run_id, cause, count(*) AS count, min(text) AS text, max(since) AS newest_at
      FROM (SELECT run_id, cause, text, since FROM attention
            WHERE state = 'dead' AND CASE %(shelf)s
                WHEN 'requeued' THEN requeued_at IS NOT NULL
                WHEN 'discarded' THEN requeued_at IS NULL AND mark IS NOT NULL
                ELSE requeued_at IS NULL AND mark IS NULL END
            ORDER BY run_id DESC, n DESC LIMIT %(limit)s) seen
      GROUP BY run_id, cause) g
JOIN run r ON r.id = g.run_id
LEFT JOIN campaign c ON c.id = r.campaign_id
ORDER BY g.run_id DESC, g.count DESC, g.cause

-- Runs that Verify made, the newest first, with the counters of each.
SELECT r.id, r.campaign_id, coalesce(c.name, '') AS campaign, r.state, r.recipients, r.reason,
       r.created_at, r.started_at, r.finished_at,
       (SELECT coalesce(jsonb_object_agg(k.state, k.count), '{}') FROM run_counts(r.id) k) AS counts
FROM run r LEFT JOIN campaign c ON c.id = r.campaign_id
WHERE r.submission_id IS NULL
ORDER BY r.id DESC LIMIT %(limit)s

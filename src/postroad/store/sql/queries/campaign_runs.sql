-- The runs of one campaign that Verify made, the newest first, with the counters of each and its number.
SELECT r.id, row_number() OVER (ORDER BY r.id) AS number, r.state, r.recipients, r.reason,
       r.created_at, r.ready_at, r.release_at, r.started_at, r.finished_at,
       (SELECT coalesce(jsonb_object_agg(k.state, k.count), '{}') FROM run_counts(r.id) k) AS counts
FROM run r WHERE r.campaign_id = %(campaign)s AND r.submission_id IS NULL
ORDER BY r.id DESC LIMIT %(limit)s

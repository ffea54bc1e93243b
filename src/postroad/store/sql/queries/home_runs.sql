-- Runs that Verify made and that live, newest first, then the last that ended. Counts as JSON by state.
(SELECT r.id, r.campaign_id, c.name, r.state, r.reason, r.recipients, r.started_at, r.finished_at,
        r.release_at,
        (SELECT count(*) FROM run o WHERE o.campaign_id = r.campaign_id AND o.id <= r.id) AS number,
        (SELECT coalesce(jsonb_object_agg(state, count), '{}') FROM run_counts(r.id)) AS counts
 FROM run r LEFT JOIN campaign c ON c.id = r.campaign_id
 WHERE r.state NOT IN ('finished', 'stopped') AND r.submission_id IS NULL
 ORDER BY r.id DESC LIMIT 6)
UNION ALL
(SELECT r.id, r.campaign_id, c.name, r.state, r.reason, r.recipients, r.started_at, r.finished_at,
        r.release_at,
        (SELECT count(*) FROM run o WHERE o.campaign_id = r.campaign_id AND o.id <= r.id),
        (SELECT coalesce(jsonb_object_agg(state, count), '{}') FROM run_counts(r.id))
 FROM run r LEFT JOIN campaign c ON c.id = r.campaign_id
 WHERE r.state IN ('finished', 'stopped') AND r.started_at IS NOT NULL AND r.submission_id IS NULL
 ORDER BY r.id DESC LIMIT 5)

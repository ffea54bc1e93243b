-- The navigation's figures. Counts end at 1,000, so that a poll costs the same at any size.
SELECT
    (SELECT count(*) FROM (SELECT FROM attention
        WHERE state = 'dead' AND mark IS NULL AND requeued_at IS NULL LIMIT 1000) AS seen) AS dead,
    (SELECT count(*) FROM (SELECT FROM attention
        WHERE state = 'unknown' AND requeued_at IS NULL LIMIT 1000) AS seen) AS unknown,
    (SELECT count(*) FROM worker WHERE ended_at IS NULL AND alive_until > now()) AS workers,
    (SELECT count(*) FROM relay WHERE NOT is_sandbox) AS relays,
    (SELECT count(*) FROM run WHERE state NOT IN ('finished', 'stopped')) AS live_runs,
    (SELECT count(*) FROM list_alarms()) AS alarms,
    -- Recipients of live runs that no counter knows, or counters that no recipient has.
    (SELECT coalesce(sum(abs(r.recipients - coalesce(c.counted, 0))), 0)
     FROM run r
     LEFT JOIN LATERAL (SELECT sum(change) AS counted FROM count_delta d WHERE d.run_id = r.id) AS c
            ON true
     WHERE r.state NOT IN ('finished', 'stopped', 'selecting')) AS difference

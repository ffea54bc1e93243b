-- What may have changed a run's pace, in order: its own acts, and what became of its
-- relays, and of its lanes there, from its start to its end. Looks at no mail's rows;
-- of a run's own acts, one a prepared batch among them, at the last 500.
WITH own AS (
    SELECT id, at, kind FROM (
        SELECT id, at, kind FROM journal WHERE run_id = %(run)s AND n IS NULL
        ORDER BY id DESC LIMIT 500) j
    WHERE kind IN ('paused', 'resumed', 'held', 'stopped')
), other AS (
    SELECT j.id, j.at, j.kind,
           coalesce(j.detail->>'relay', split_part(j.detail->>'key', ' ', 1)) AS relay,
           coalesce(j.detail->>'lane', substr(j.detail->>'key', strpos(j.detail->>'key', ' ') + 1)) AS lane
    FROM run r
    JOIN journal j ON j.run_id IS NULL AND j.recorded_at >= r.started_at
                  AND j.recorded_at <= coalesce(r.finished_at, now())
    WHERE r.id = %(run)s
      AND j.kind IN ('relay_stopped', 'relay_started', 'slowed_down', 'slow_down_ended')
)
SELECT id, at, kind, '' AS relay, '' AS lane FROM own
UNION ALL
SELECT o.id, o.at, o.kind, coalesce(y.name, 'A relay'), coalesce(o.lane, '')
FROM other o
JOIN run_relay k ON k.run_id = %(run)s AND k.relay_id::text = o.relay
LEFT JOIN relay y ON y.id = k.relay_id
WHERE o.lane IS NULL OR o.lane IN (SELECT lane FROM count_delta WHERE run_id = %(run)s)
ORDER BY id

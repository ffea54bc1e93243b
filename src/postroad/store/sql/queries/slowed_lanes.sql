-- Lanes that were asked to slow down and have not recovered; of all relays, or of one.
SELECT s.relay_id, coalesce(y.name, '') AS relay, s.lane, s.per_minute, s.slow_from AS before,
       s.slow_at AS since, s.slow_times AS times, s.slow_reply AS reply
FROM (SELECT split_part(key, ' ', 1)::bigint AS relay_id, substr(key, strpos(key, ' ') + 1) AS lane,
             slowed_rate(per_minute, slow_from, now() - slow_at) AS per_minute,
             slow_from, slow_at, slow_times, slow_reply
      FROM bucket WHERE kind = 'slow') s
LEFT JOIN relay y ON y.id = s.relay_id
WHERE s.per_minute < s.slow_from AND (%(relay)s::bigint IS NULL OR s.relay_id = %(relay)s)
ORDER BY s.slow_at DESC, s.relay_id, s.lane LIMIT 100

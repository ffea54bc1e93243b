-- Provider lanes of a run: what is leased and in SMTP now, accepted and other replies so far, when
-- the first waiting batch is due, and the limit or slow-down that holds it back most.
-- Waiting lanes are found one by one by the index that claims use: a lane's length
-- costs nothing. At most 16 of them.
WITH RECURSIVE waiting (lane, due_at, place) AS (
    (SELECT lane, due_at, 1 FROM batch
     WHERE run_id = %(run)s AND stage = 'dispatch' AND owner IS NULL AND due_at IS NOT NULL
       AND stage <> 'done'
     ORDER BY lane, due_at LIMIT 1)
    UNION ALL
    SELECT n.lane, n.due_at, w.place + 1 FROM waiting w, LATERAL (
        SELECT b.lane, b.due_at FROM batch b
        WHERE b.run_id = %(run)s AND b.stage = 'dispatch' AND b.owner IS NULL
          AND b.due_at IS NOT NULL AND b.stage <> 'done' AND b.lane > w.lane
        ORDER BY b.lane, b.due_at LIMIT 1) n
    WHERE w.place < 16
), part AS (
    SELECT lane, sum(cardinality(item_n) - answered) AS leased, sum(started_upto - answered) AS sending,
           0 AS accepted, 0 AS deferrals, 0 AS rejections, 0 AS other, NULL::timestamptz AS next_due_at
    FROM batch WHERE owner IS NOT NULL AND run_id = %(run)s AND stage = 'dispatch' GROUP BY lane
    UNION ALL
    SELECT lane, 0, 0, sum(change), 0, 0, 0, NULL
    FROM count_delta WHERE run_id = %(run)s AND lane <> ''
      AND state IN ('accepted', 'delivered', 'bounced', 'complained') GROUP BY lane
    UNION ALL
    SELECT lane, 0, 0, 0,
           coalesce(sum(change) FILTER (WHERE fact = 'deferred'), 0),
           coalesce(sum(change) FILTER (WHERE fact = 'rejected'), 0),
           coalesce(sum(change) FILTER (WHERE fact NOT IN ('deferred', 'rejected')), 0), NULL
    FROM reply_delta WHERE run_id = %(run)s AND lane <> '' GROUP BY lane
    UNION ALL
    SELECT lane, 0, 0, 0, 0, 0, 0, due_at FROM waiting
), lane AS (
    SELECT lane, sum(leased)::bigint AS leased, sum(sending)::bigint AS sending,
           sum(accepted)::bigint AS accepted, sum(deferrals)::bigint AS deferrals, sum(rejections)::bigint AS rejections,
           sum(other)::bigint AS other, min(next_due_at) AS next_due_at
    FROM part GROUP BY lane
    ORDER BY sum(leased) DESC, sum(deferrals + rejections) DESC, sum(accepted) DESC, lane LIMIT 16
), held AS MATERIALIZED (
    SELECT b.kind, CASE b.kind WHEN 'lane' THEN b.key
                               WHEN 'slow' THEN substr(b.key, strpos(b.key, ' ') + 1) END AS lane,
           CASE WHEN b.kind IN ('relay', 'slow') THEN y.name END AS relay,
           CASE b.kind WHEN 'slow' THEN slowed_rate(b.per_minute, b.slow_from, now() - b.slow_at)
                       ELSE b.per_minute END AS per_minute,
           CASE WHEN b.blocked_until > now() THEN b.blocked_until END AS blocked_until
    FROM run r
    JOIN bucket b ON b.kind = 'lane' AND b.key IN (SELECT lane FROM lane)
                  OR b.kind = 'campaign' AND b.key = r.campaign_id::text
                  OR b.kind IN ('relay', 'slow') AND split_part(b.key, ' ', 1) IN (
                      SELECT relay_id::text FROM run_relay WHERE run_id = r.id)
    LEFT JOIN relay y ON b.kind IN ('relay', 'slow') AND y.id::text = split_part(b.key, ' ', 1)
    WHERE r.id = %(run)s AND num_nonnulls(b.per_minute, b.at_once, b.per_day, b.ramp_first) > 0
      AND (b.kind <> 'slow' OR slowed_rate(b.per_minute, b.slow_from, now() - b.slow_at) < b.slow_from)
)
SELECT l.*, coalesce(h.kind, '') AS held_by, coalesce(h.relay, '') AS held_at,
       h.per_minute AS held_rate, h.blocked_until AS held_until
FROM lane l
LEFT JOIN LATERAL (SELECT * FROM held WHERE held.lane = l.lane OR held.lane IS NULL
                   ORDER BY blocked_until DESC NULLS LAST, kind = 'slow' DESC, per_minute NULLS LAST
                   LIMIT 1) h ON true
ORDER BY l.leased DESC, l.deferrals + l.rejections DESC, l.accepted DESC, l.lane

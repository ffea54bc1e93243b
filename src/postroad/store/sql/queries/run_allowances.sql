-- What limits a run that is ready: its relays in use (those held in reserve only where
-- no other is), its campaign, and its lanes with the mails that they have to let out.
WITH usable AS (
    SELECT k.relay_id, k.weight FROM run_relay k
    WHERE k.run_id = %(run)s AND NOT EXISTS (
        SELECT FROM relay_health h WHERE h.relay_id = k.relay_id AND h.stopped_at IS NOT NULL
        AND coalesce(h.retry_at, 'infinity') > now())
), part AS (
    SELECT 'relay' AS kind, relay_id::text AS key, NULL::bigint AS mails FROM usable
    WHERE weight > 0 OR NOT EXISTS (SELECT FROM usable WHERE weight > 0)
    UNION ALL SELECT 'campaign', campaign_id::text, NULL FROM run WHERE id = %(run)s
    UNION ALL SELECT 'lane', lane, sum(cardinality(item_n)) FROM batch
              WHERE run_id = %(run)s AND stage = 'dispatch' GROUP BY lane
)
SELECT p.kind, p.key, coalesce(y.name, '') AS relay, p.mails, b.per_minute, b.per_day, b.at_once,
       b.ramp_first, b.ramp_percent,
       coalesce(floor(extract(epoch FROM now() - b.ramp_from) / 86400), 0)::integer AS ramp_days,
       used_in_a_day(p.kind, p.key, now()) AS used
FROM part p
LEFT JOIN bucket b ON b.kind = p.kind AND b.key = p.key
LEFT JOIN relay y ON p.kind = 'relay' AND y.id::text = p.key
ORDER BY p.kind, p.mails DESC, p.key

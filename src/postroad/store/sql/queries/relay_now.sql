-- What goes through one relay now, and how much of its day is used. The rate is
-- that of the journal's tail, as on a run's page.
WITH tail AS MATERIALIZED (
    SELECT relay_id, kind, at FROM journal
    WHERE recorded_at > now() - interval '1 minute' ORDER BY id DESC LIMIT 1000
)
SELECT
    (SELECT coalesce(sum(started_upto - answered), 0) FROM batch
     WHERE owner IS NOT NULL AND stage = 'dispatch' AND relay_id = %(relay)s)::integer AS begun,
    (SELECT count(*) FROM tail WHERE relay_id = %(relay)s AND kind = 'accepted'
                                 AND at > now() - interval '5 seconds') AS accepted_lately,
    (SELECT CASE WHEN count(*) < 1000 THEN 5
                 ELSE greatest(0.2, least(5, extract(epoch FROM now() - min(at)))) END
     FROM tail)::float8 AS lately_seconds,
    used_in_a_day('relay', %(relay)s::text, now()) AS used,
    cap_of_day(b, now()) AS cap,
    CASE WHEN b.ramp_first IS NOT NULL
         THEN 1 + floor(extract(epoch FROM now() - b.ramp_from) / 86400)::integer END AS ramp_day,
    CASE WHEN b.blocked_until > now() THEN b.blocked_until END AS blocked_until
FROM (SELECT 1) AS one LEFT JOIN bucket b ON b.kind = 'relay' AND b.key = %(relay)s::text

-- Lanes with their domains, limits and what they do now; all of them, or one.
-- Domains of no provider group are the lane `other`, which is no row of lane_domain.
WITH known AS (
    SELECT lane, count(*)::integer AS domain_count, bool_or(promoted_at IS NOT NULL) AS is_promoted,
           (array_agg(domain ORDER BY domain))[1:50] AS domains
    FROM lane_domain WHERE %(lane)s::text IS NULL OR lane = %(lane)s GROUP BY lane
    UNION ALL
    SELECT 'other', 0, false, '{}' WHERE %(lane)s::text IS NULL OR 'other' = %(lane)s
), begun AS (
    SELECT lane, sum(started_upto - answered) AS begun FROM batch
    WHERE owner IS NOT NULL AND stage = 'dispatch' GROUP BY lane
)
SELECT k.lane, k.domains, k.domain_count, k.is_promoted, coalesce(g.begun, 0)::integer AS begun,
       used_in_a_day('lane', k.lane, now()) AS used, cap_of_day(b, now()) AS cap,
       CASE WHEN b.blocked_until > now() THEN b.blocked_until END AS blocked_until,
       b.per_minute, b.at_once, b.per_day, b.ramp_first, b.ramp_percent
FROM known k
LEFT JOIN begun g ON g.lane = k.lane
LEFT JOIN bucket b ON b.kind = 'lane' AND b.key = k.lane
ORDER BY k.is_promoted, k.lane = 'other', k.lane LIMIT 500

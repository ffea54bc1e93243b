-- Campaigns with limits of their own.
SELECT c.id, c.name, b.per_minute, b.at_once, b.per_day, b.ramp_first, b.ramp_percent
FROM bucket b JOIN campaign c ON c.id = b.key::bigint
WHERE b.kind = 'campaign' AND num_nonnulls(b.per_minute, b.at_once, b.per_day, b.ramp_first) > 0
ORDER BY c.name, c.id LIMIT 100

-- Workers that are alive, all together.
SELECT count(*) AS alive,
       count(DISTINCT host) AS hosts,
       extract(epoch FROM now() - max(beat_at))::float8 AS beat_seconds,
       coalesce(sum(in_flight), 0) AS in_flight
FROM worker
WHERE ended_at IS NULL AND alive_until > now()

-- Workers, the living first; those that ended or fell silent are shown for a day.
SELECT id, host, pid, version, stages, started_at, beat_at, ended_at, is_draining, in_flight, done,
       ended_at IS NULL AND alive_until > now() AS is_alive,
       extract(epoch FROM now() - beat_at)::float AS silent_seconds,
       extract(epoch FROM beat_at - started_at)::float AS lived_seconds
FROM worker
WHERE beat_at > now() - interval '1 day' OR (ended_at IS NULL AND alive_until > now())
ORDER BY (ended_at IS NULL AND alive_until > now()) DESC, started_at DESC, host, pid
LIMIT 100

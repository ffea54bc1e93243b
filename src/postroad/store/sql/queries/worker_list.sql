-- Workers, the living first; those that ended or fell silent are shown for a day.
SELECT id, host, pid, version, stages, started_at, beat_at, ended_at, is_draining, in_flight, done,
       CASE WHEN rate < 10 THEN round(rate::numeric, 1)::float ELSE round(rate)::float END AS rate,
       heard_drain, slot,
       (SELECT count(*) FROM batch WHERE owner = worker.id) AS owned,
       ended_at IS NULL AND alive_until > now() AS is_alive,
       extract(epoch FROM now() - beat_at)::float AS silent_seconds
FROM worker
WHERE beat_at > now() - interval '1 day' OR (ended_at IS NULL AND alive_until > now())
ORDER BY (ended_at IS NULL AND alive_until > now()) DESC, ended_at IS NULL DESC, started_at DESC, host, pid
LIMIT 100

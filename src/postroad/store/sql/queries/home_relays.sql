-- Relays with their health; the sandbox last.
SELECT r.id, r.name, r.is_sandbox, r.host, r.port, r.is_default,
       h.stopped_at, h.retry_at, coalesce(h.reason, '') AS reason
FROM relay r LEFT JOIN relay_health h ON h.relay_id = r.id
ORDER BY r.is_sandbox, r.name
LIMIT 12

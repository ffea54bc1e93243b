-- Relays out of use; there are a handful.
SELECT relay_id, stopped_at, retry_at, reason FROM relay_health WHERE stopped_at IS NOT NULL

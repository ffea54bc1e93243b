-- Why a relay is stopped until a person acts; no row while it is not.
SELECT reason FROM relay_health
WHERE relay_id = %(relay)s AND stopped_at IS NOT NULL AND retry_at IS NULL

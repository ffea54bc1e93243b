-- Suppressed addresses, newest first, from a place on. Rows of one moment are
-- ordered by hash, as the index has them.
SELECT hash, address, reason, note, created_at
FROM suppression
WHERE created_at <= %(created_at)s
  AND NOT (created_at = %(created_at)s AND hash <= %(hash)s)
ORDER BY created_at DESC, hash
LIMIT %(limit)s

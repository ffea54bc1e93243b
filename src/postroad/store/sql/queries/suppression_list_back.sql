-- The same, the other way: towards the newest.
SELECT hash, address, reason, note, created_at
FROM suppression
WHERE created_at >= %(created_at)s
  AND NOT (created_at = %(created_at)s AND hash >= %(hash)s)
ORDER BY created_at, hash DESC
LIMIT %(limit)s

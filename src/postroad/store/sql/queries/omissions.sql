-- Those left out of a run, a page.
SELECT position, contact_key, address, name, reason FROM omission
WHERE run_id = %(run)s AND position > %(after)s AND (%(reason)s = '' OR reason = %(reason)s)
ORDER BY position LIMIT %(limit)s

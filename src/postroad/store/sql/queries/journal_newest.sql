-- The highest id there is, 0 in an empty journal.
SELECT coalesce(max(id), 0) AS id FROM journal

-- The letters that the manager discarded between two journal ids: one act.
SELECT DISTINCT run_id, n FROM journal
WHERE id > %(after)s AND id <= %(upto)s AND kind = 'discarded' AND run_id IS NOT NULL
ORDER BY run_id, n

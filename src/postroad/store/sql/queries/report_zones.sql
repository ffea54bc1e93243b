-- Time zones of the recipients whose mails are kept, '' where it is not known.
SELECT zone, sum(cardinality(item_n)) AS count FROM batch
WHERE run_id = %(run)s AND stage = 'dispatch' GROUP BY zone ORDER BY 2 DESC

-- How many rows of a filter came after an id; ends at `limit`, and looks at the next 10,000 rows only.
SELECT count(*) AS count FROM (
    SELECT FROM journal
    WHERE id > %(after)s AND id <= %(after)s + 10000
      AND (%(kind)s = '' OR kind = %(kind)s)
      AND (%(run_id)s::bigint IS NULL OR run_id = %(run_id)s::bigint)
      AND (%(actor)s = '' OR actor = %(actor)s OR actor LIKE %(actor)s || ' %%')
      AND (%(text)s = '' OR text ILIKE %(text)s)
    LIMIT %(limit)s) AS seen

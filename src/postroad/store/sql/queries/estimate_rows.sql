-- How many rows a table had when it was last analysed; -1 before that.
SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass

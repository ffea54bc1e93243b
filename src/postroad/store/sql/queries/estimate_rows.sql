-- How many rows a table had when it was last analysed, its partitions summed; -1
-- before that.
SELECT coalesce(sum(c.reltuples) FILTER (WHERE c.reltuples >= 0), -1)::bigint
FROM pg_class c
WHERE c.relkind = 'r' AND (c.oid = %(table)s::regclass
    OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = %(table)s::regclass))

-- Single columns that a unique index over all rows keeps apart.
SELECT n.nspname::text AS table_schema,
       c.relname::text AS table_name,
       array_agg(a.attname::text) AS columns
FROM pg_index AS i
JOIN pg_class AS c ON c.oid = i.indrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
WHERE i.indisunique
  AND i.indisvalid
  AND i.indimmediate
  AND i.indnkeyatts = 1
  AND i.indpred IS NULL
  AND i.indexprs IS NULL
  AND c.relkind IN ('r', 'p')
  AND NOT c.relispartition
GROUP BY i.indexrelid, n.nspname, c.relname
ORDER BY n.nspname, c.relname, i.indexrelid;

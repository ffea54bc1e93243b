-- Foreign keys, across schemas too; those that a partitioned table hands to its partitions are
-- one. The server sees to it that what they point to is unique.
SELECT f.conname::text AS name,
       n.nspname::text AS table_schema,
       c.relname::text AS table_name,
       array_agg(a.attname::text ORDER BY k.position) AS columns,
       tn.nspname::text AS target_schema,
       tc.relname::text AS target_name,
       array_agg(ta.attname::text ORDER BY k.position) AS target_columns
FROM pg_constraint AS f
JOIN pg_class AS c ON c.oid = f.conrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_class AS tc ON tc.oid = f.confrelid
JOIN pg_namespace AS tn ON tn.oid = tc.relnamespace
CROSS JOIN unnest(f.conkey, f.confkey) WITH ORDINALITY AS k (attnum, target_attnum, position)
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.attnum
JOIN pg_attribute AS ta ON ta.attrelid = tc.oid AND ta.attnum = k.target_attnum
WHERE f.contype = 'f'
  AND f.conparentid = 0
  AND f.convalidated
  AND NOT c.relispartition
GROUP BY f.oid, f.conname, n.nspname, c.relname, tn.nspname, tc.relname
ORDER BY n.nspname, c.relname, f.conname;

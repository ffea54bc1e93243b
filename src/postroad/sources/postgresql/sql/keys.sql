-- Primary keys, their columns in the key's order.
SELECT n.nspname::text AS table_schema,
       c.relname::text AS table_name,
       array_agg(a.attname::text ORDER BY k.position) AS columns
FROM pg_constraint AS p
JOIN pg_class AS c ON c.oid = p.conrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN unnest(p.conkey) WITH ORDINALITY AS k (attnum, position)
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.attnum
WHERE p.contype = 'p'
  AND NOT c.relispartition
GROUP BY p.oid, n.nspname, c.relname
ORDER BY n.nspname, c.relname;

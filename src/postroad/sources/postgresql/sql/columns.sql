-- Columns that the account may SELECT, of all tables and views, in the order they stand in.
-- A domain is shown by its own name and judged by what it is made of. Partitions are not tables
-- of their own, and our schema holds routines only.
WITH RECURSIVE base AS (
    SELECT t.oid, t.oid AS base_oid, t.typbasetype, t.typtype
    FROM pg_type AS t
    UNION ALL
    SELECT b.oid, t.oid, t.typbasetype, t.typtype
    FROM base AS b
    JOIN pg_type AS t ON t.oid = b.typbasetype
    WHERE b.typtype = 'd'
)
SELECT n.nspname::text AS table_schema,
       c.relname::text AS table_name,
       c.relkind IN ('v', 'm') AS is_view,
       a.attname::text AS column_name,
       NOT a.attnotnull AS is_nullable,
       format_type(a.atttypid, a.atttypmod) AS type_words,
       t.typname::text AS base_type,
       t.typtype::text AS base_sort
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN base AS b ON b.oid = a.atttypid AND b.typtype <> 'd'
JOIN pg_type AS t ON t.oid = b.base_oid
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND NOT c.relispartition
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', %(schema)s)
  AND n.nspname NOT LIKE 'pg\_%%'
  AND NOT EXISTS (SELECT FROM pg_depend AS d
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  AND has_schema_privilege(n.oid, 'USAGE')
  AND has_column_privilege(c.oid, a.attnum, 'SELECT')
ORDER BY n.nspname, c.relname, a.attnum;

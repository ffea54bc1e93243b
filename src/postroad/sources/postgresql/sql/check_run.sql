-- What the account that signed in as run has: it should be USAGE of our schema, and no more.
SELECT coalesce((SELECT has_schema_privilege(n.oid, 'USAGE')
                 FROM pg_namespace AS n
                 WHERE n.nspname = %(schema)s), false) AS may_use,
       count(*) FILTER (WHERE has_any_column_privilege(c.oid, 'SELECT')) AS readable,
       count(*) FILTER (WHERE has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE'))
           + coalesce((SELECT has_schema_privilege(n.oid, 'CREATE')::int
                       FROM pg_namespace AS n
                       WHERE n.nspname = %(schema)s), 0) AS writable
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', %(schema)s)
  AND n.nspname NOT LIKE 'pg\_%%'
  AND NOT EXISTS (SELECT FROM pg_depend AS d
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  AND has_schema_privilege(n.oid, 'USAGE');

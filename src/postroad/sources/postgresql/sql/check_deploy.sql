-- What the account that signed in as deploy has, each once. What an extension brought is nobody's data.
SELECT current_setting('server_version_num')::int AS version_number,
       current_setting('server_version') AS version,
       coalesce((SELECT s.version || ', ' || s.cipher
                 FROM pg_stat_ssl AS s
                 WHERE s.pid = pg_backend_pid() AND s.ssl), '') AS tls,
       EXISTS (SELECT FROM pg_namespace AS n WHERE n.nspname = %(schema)s) AS has_schema,
       coalesce((SELECT has_schema_privilege(n.oid, 'CREATE') AND has_schema_privilege(n.oid, 'USAGE')
                 FROM pg_namespace AS n
                 WHERE n.nspname = %(schema)s), false) AS may_create,
       count(*) FILTER (WHERE has_any_column_privilege(c.oid, 'SELECT')) AS readable,
       count(*) FILTER (WHERE has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE'))
           AS writable
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND NOT c.relispartition
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', %(schema)s)
  AND n.nspname NOT LIKE 'pg\_%%'
  AND NOT EXISTS (SELECT FROM pg_depend AS d
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  AND has_schema_privilege(n.oid, 'USAGE');

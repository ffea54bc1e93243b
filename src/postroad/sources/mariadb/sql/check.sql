-- What the account that signed in has, each once: granted to itself or to the role it is in.
WITH own AS (
    SELECT concat("'", replace(current_user(), '@', "'@'"), "'") AS grantee
    UNION ALL
    SELECT concat("'", coalesce(current_role(), ''), "'@''")
), granted AS (
    SELECT p.PRIVILEGE_TYPE AS privilege
    FROM information_schema.USER_PRIVILEGES AS p
    JOIN own ON own.grantee = p.GRANTEE
    UNION
    SELECT p.PRIVILEGE_TYPE
    FROM information_schema.SCHEMA_PRIVILEGES AS p
    JOIN own ON own.grantee = p.GRANTEE
    WHERE %(schema)s LIKE p.TABLE_SCHEMA
)
SELECT version() AS version,
       EXISTS (SELECT 1 FROM information_schema.SCHEMATA AS s
               WHERE s.SCHEMA_NAME = %(schema)s) AS has_schema,
       EXISTS (SELECT 1 FROM granted WHERE privilege = 'CREATE ROUTINE') AS may_create,
       EXISTS (SELECT 1 FROM granted WHERE privilege = 'EXECUTE') AS may_execute,
       count(DISTINCT CASE WHEN find_in_set('select', c.PRIVILEGES)
                           THEN concat(c.TABLE_SCHEMA, '.', c.TABLE_NAME) END) AS readable,
       count(CASE WHEN find_in_set('insert', c.PRIVILEGES) OR find_in_set('update', c.PRIVILEGES)
                  THEN 1 END) AS writable
FROM information_schema.COLUMNS AS c
WHERE c.TABLE_SCHEMA NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys', %(schema)s);

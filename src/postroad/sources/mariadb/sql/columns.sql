-- Columns that the account may SELECT, of all tables and views, in the order they stand in. Names
-- are ordered by their octets, so that two that differ in case only stay apart. A character set
-- smaller than Unicode belongs to the type: a rule must not ask for what it cannot hold.
SELECT c.TABLE_SCHEMA AS table_schema,
       c.TABLE_NAME AS table_name,
       t.TABLE_TYPE = 'VIEW' AS is_view,
       c.COLUMN_NAME AS column_name,
       c.IS_NULLABLE = 'YES' AS is_nullable,
       concat(c.COLUMN_TYPE,
              if(coalesce(c.CHARACTER_SET_NAME, 'utf8mb4') <> 'utf8mb4',
                 concat(' character set ', c.CHARACTER_SET_NAME), '')) AS type_words,
       lower(c.DATA_TYPE) AS base_type
FROM information_schema.COLUMNS AS c
JOIN information_schema.TABLES AS t
    ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME
WHERE c.TABLE_SCHEMA NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys', %(schema)s)
  AND t.TABLE_TYPE IN ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED')
  AND find_in_set('select', c.PRIVILEGES)
ORDER BY BINARY c.TABLE_SCHEMA, BINARY c.TABLE_NAME, c.ORDINAL_POSITION;

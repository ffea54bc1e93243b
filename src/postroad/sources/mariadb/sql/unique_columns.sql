-- Unique indexes over whole columns, a row a column: a foreign key may point to less.
SELECT s.TABLE_SCHEMA AS table_schema,
       s.TABLE_NAME AS table_name,
       s.INDEX_NAME AS name,
       s.COLUMN_NAME AS column_name,
       s.SUB_PART IS NOT NULL AS is_part
FROM information_schema.STATISTICS AS s
WHERE s.NON_UNIQUE = 0
  AND s.TABLE_SCHEMA NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')
ORDER BY BINARY s.TABLE_SCHEMA, BINARY s.TABLE_NAME, BINARY s.INDEX_NAME, s.SEQ_IN_INDEX;

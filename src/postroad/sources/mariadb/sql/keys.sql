-- Primary keys, a row a column, in the key's order.
SELECT k.TABLE_SCHEMA AS table_schema,
       k.TABLE_NAME AS table_name,
       k.COLUMN_NAME AS column_name
FROM information_schema.KEY_COLUMN_USAGE AS k
WHERE k.CONSTRAINT_NAME = 'PRIMARY'
  AND k.TABLE_SCHEMA NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')
ORDER BY BINARY k.TABLE_SCHEMA, BINARY k.TABLE_NAME, k.ORDINAL_POSITION;

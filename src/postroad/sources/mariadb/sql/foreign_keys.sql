-- Foreign keys, a row a column, across databases too.
SELECT k.CONSTRAINT_NAME AS name,
       k.TABLE_SCHEMA AS table_schema,
       k.TABLE_NAME AS table_name,
       k.COLUMN_NAME AS column_name,
       k.REFERENCED_TABLE_SCHEMA AS target_schema,
       k.REFERENCED_TABLE_NAME AS target_name,
       k.REFERENCED_COLUMN_NAME AS target_column
FROM information_schema.KEY_COLUMN_USAGE AS k
WHERE k.REFERENCED_TABLE_NAME IS NOT NULL
ORDER BY BINARY k.TABLE_SCHEMA, BINARY k.TABLE_NAME, BINARY k.CONSTRAINT_NAME, k.ORDINAL_POSITION;

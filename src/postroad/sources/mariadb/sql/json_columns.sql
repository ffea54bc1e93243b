-- MariaDB has no type for JSON: it is a long text with a check, named like its column.
SELECT k.CONSTRAINT_SCHEMA AS table_schema,
       k.TABLE_NAME AS table_name,
       k.CONSTRAINT_NAME AS column_name
FROM information_schema.CHECK_CONSTRAINTS AS k
WHERE k.CHECK_CLAUSE LIKE 'json_valid(%%)';

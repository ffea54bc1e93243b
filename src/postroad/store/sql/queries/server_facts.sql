-- The server's version and clock, and how much our database takes.
SELECT current_setting('server_version') AS version, clock_timestamp() AS now,
       pg_database_size(current_database()) AS size

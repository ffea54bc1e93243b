-- The transactions that may have taken a number of the journal and are not over:
-- those that hold the lock of an INSERT on it or on one of its partitions. It is
-- taken before the number and let go after the commit can be seen.
CREATE FUNCTION journal_writers() RETURNS text[]
LANGUAGE sql AS $$
    SELECT coalesce(array_agg(DISTINCT l.virtualtransaction), '{}')
    FROM pg_locks l
    WHERE l.locktype = 'relation' AND l.mode = 'RowExclusiveLock' AND l.pid IS DISTINCT FROM pg_backend_pid()
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND l.relation IN (SELECT 'journal'::regclass::oid
                         UNION ALL SELECT inhrelid FROM pg_inherits WHERE inhparent = 'journal'::regclass)
$$;

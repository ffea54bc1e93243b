-- Purge up to 100 waiting retries of one stopped run. Returns how many.
CREATE FUNCTION purge_retries() RETURNS integer
LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    v_run bigint;
    v_facts jsonb;
BEGIN
    SELECT t.run_id INTO v_run FROM retry t JOIN run r ON r.id = t.run_id
    WHERE r.state = 'stopped' LIMIT 1;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    WITH gone AS (
        DELETE FROM retry WHERE (run_id, n, attempt) IN (
            SELECT run_id, n, attempt FROM retry WHERE run_id = v_run
            ORDER BY n LIMIT 100 FOR UPDATE SKIP LOCKED)
        RETURNING n, attempt)
    SELECT jsonb_agg(jsonb_build_object('n', n, 'attempt', attempt, 'kind', 'purged',
                                        'text', 'The run was stopped.'))
    INTO v_facts FROM gone;
    PERFORM record_facts(v_run, NULL, 'program', v_facts);
    RETURN coalesce(jsonb_array_length(v_facts), 0);
END
$$;

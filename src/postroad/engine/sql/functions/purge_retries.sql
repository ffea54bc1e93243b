-- Purge up to 100 waiting retries of one stopped run. Returns how many.
-- Locks: state rows in order of n, then their retry rows, as a late reply does.
CREATE FUNCTION purge_retries() RETURNS integer
LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    v_run bigint;
    v_waiting integer[];
    v_facts jsonb;
BEGIN
    SELECT t.run_id INTO v_run FROM retry t JOIN run r ON r.id = t.run_id
    WHERE r.state = 'stopped' LIMIT 1;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    SELECT array_agg(n) INTO v_waiting FROM (
        SELECT s.n FROM delivery_state s
        WHERE s.run_id = v_run AND s.n IN (SELECT n FROM retry WHERE run_id = v_run ORDER BY n LIMIT 100)
        ORDER BY s.n FOR UPDATE) l;
    WITH gone AS (
        DELETE FROM retry WHERE run_id = v_run AND n = ANY (v_waiting) RETURNING n, attempt)
    SELECT jsonb_agg(jsonb_build_object('n', n, 'attempt', attempt, 'kind', 'purged',
                                        'text', 'The run was stopped.'))
    INTO v_facts FROM gone;
    PERFORM record_facts(v_run, NULL, 'program', v_facts);
    RETURN coalesce(jsonb_array_length(v_facts), 0);
END
$$;

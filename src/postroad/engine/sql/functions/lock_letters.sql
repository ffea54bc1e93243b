-- Lock the state rows of several letters before the first is decided on: rows in
-- order, then runs, as every recorder takes them. Decided one by one, the second
-- would ask for a state row while the first holds its run, and a late reply waits
-- the other way round.
CREATE FUNCTION lock_letters(p_runs bigint[], p_ns integer[]) RETURNS void
LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    v_run bigint;
BEGIN
    FOR v_run IN SELECT DISTINCT run_id FROM unnest(p_runs) AS r (run_id) ORDER BY run_id LOOP
        PERFORM 1 FROM delivery_state
        WHERE run_id = v_run AND n IN (SELECT i.n FROM unnest(p_runs, p_ns) AS i (run_id, n) WHERE i.run_id = v_run)
        ORDER BY n FOR UPDATE;
    END LOOP;
END
$$;

-- How many batches of a stage are due and unowned, over all live runs.
CREATE FUNCTION count_waiting(p_stage text) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT count(*) FROM batch b JOIN run r ON r.id = b.run_id
    WHERE b.stage = p_stage AND b.owner IS NULL AND b.due_at <= now()
      AND r.state IN ('preparing', 'running')
$$;

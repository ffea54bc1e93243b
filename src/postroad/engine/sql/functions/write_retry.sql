-- Write a retry row that a person asked for and open the run if it had ended.
-- False: that attempt is asked for already, or on its way in a batch.
-- Lock: the run row, held by the caller.
CREATE FUNCTION write_retry(p_run bigint, p_n integer, p_attempt integer, p_due timestamptz)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF is_on_its_way(p_run, p_n, p_attempt) THEN
        RETURN false;
    END IF;
    INSERT INTO retry (run_id, n, attempt, due_at, source, index, lane, zone)
    SELECT run_id, n, p_attempt, p_due, batch_id, index, lane_now(lane, address), zone FROM delivery
    WHERE run_id = p_run AND n = p_n
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE run SET state = 'running', finished_at = NULL WHERE id = p_run AND state = 'finished';
    PERFORM pg_notify('postroad_control', p_run::text);
    RETURN true;
END
$$;

-- Note how many references waited in the broker's queues when a worker asked.
-- Locks: their rows, in order of name.
CREATE FUNCTION note_depths(p_names text[], p_waiting bigint[]) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO broker_queue (name, waiting, at)
    SELECT name, waiting, now() FROM unnest(p_names, p_waiting) AS told (name, waiting) ORDER BY name
    ON CONFLICT (name) DO UPDATE SET waiting = excluded.waiting, at = excluded.at
$$;

-- A worker's heartbeat renews its lease. Returns whether it should drain.
CREATE FUNCTION beat(p_worker uuid, p_host text, p_pid integer, p_version text, p_stages text[],
                     p_lease double precision, p_in_flight integer, p_done bigint,
                     p_slot text DEFAULT '')
RETURNS boolean LANGUAGE sql AS $$
    INSERT INTO worker (id, host, pid, version, stages, alive_until, in_flight, done, slot)
    VALUES (p_worker, p_host, p_pid, p_version, p_stages,
            now() + make_interval(secs => p_lease), p_in_flight, p_done, p_slot)
    ON CONFLICT (id) DO UPDATE
    SET alive_until = excluded.alive_until, beat_at = now(), ended_at = NULL,
        in_flight = excluded.in_flight, done = excluded.done, heard_drain = worker.is_draining,
        rate = (excluded.done - worker.done)
               / greatest(extract(epoch FROM now() - worker.beat_at), 0.001)
    RETURNING is_draining
$$;

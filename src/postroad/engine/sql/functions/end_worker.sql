-- A worker says that it has ended in order: it owns nothing any more.
CREATE FUNCTION end_worker(p_worker uuid) RETURNS void LANGUAGE sql AS $$
    UPDATE worker SET alive_until = now(), ended_at = now(), in_flight = 0 WHERE id = p_worker
$$;

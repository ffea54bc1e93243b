-- When a relay that is out of use is asked about again; NULL while it is in use.
-- At once where another relay of the run is in use: the next claim chooses that.
CREATE FUNCTION relay_rests_until(p_relay bigint, p_run bigint) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_retry_at timestamptz;
BEGIN
    SELECT coalesce(retry_at, now() + interval '15 seconds') INTO v_retry_at FROM relay_health
    WHERE relay_id = p_relay AND stopped_at IS NOT NULL AND coalesce(retry_at, 'infinity') > now();
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    RETURN CASE WHEN choose_relay(p_run) IS NULL THEN v_retry_at ELSE now() END;
END
$$;

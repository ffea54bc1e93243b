-- A run of one that is ready is launched at once, with no person and no time to
-- undo: whoever submitted it decided that. Returns 1 when the run changed.
CREATE FUNCTION launch_by_gate(p_run bigint) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    v_launched record;
BEGIN
    SELECT * INTO v_launched FROM launch_run(p_run, NULL, 0, 'UTC', 'program');
    RETURN (v_launched.was = 'ready')::integer;
END
$$;

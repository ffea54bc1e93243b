-- The alarms that stand, newest first.
CREATE FUNCTION list_alarms() RETURNS SETOF alarm
LANGUAGE sql STABLE AS $$
    SELECT * FROM alarm ORDER BY raised_at DESC, kind, key
$$;

-- What a look at a run found: raise the alarm of that kind, or nothing. Returns the
-- kind, NULL where all agrees.
CREATE FUNCTION note_difference(p_run bigint, p_kind text, p_found text) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
    IF p_found IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM raise_alarm(p_kind, 'run ' || p_run, p_run, 'Run ' || p_run || ': ' || p_found
                        || '. Nothing was changed; the journal has what happened.');
    RETURN p_kind;
END
$$;

-- Something is not as it must be. Raised again, its text is brought up to date
-- and nothing is journaled. Returns whether it is new.
CREATE FUNCTION raise_alarm(p_kind text, p_key text, p_run bigint, p_text text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE alarm SET text = p_text WHERE kind = p_kind AND key = p_key;
    IF FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO alarm (kind, key, run_id, text) VALUES (p_kind, p_key, p_run, p_text)
    ON CONFLICT (kind, key) DO NOTHING;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM journal_act('alarm', 'program', p_text, p_run,
                        jsonb_build_object('alarm', p_kind, 'key', p_key));
    RETURN true;
END
$$;

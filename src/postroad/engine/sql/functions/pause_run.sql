-- P11: no further mail begins until resumed. Returns the state of before.
CREATE FUNCTION pause_run(p_run bigint, p_actor text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_was text;
BEGIN
    SELECT state INTO v_was FROM run WHERE id = p_run FOR NO KEY UPDATE;
    IF v_was = 'running' THEN
        UPDATE run SET state = 'paused' WHERE id = p_run;
        PERFORM journal_act('paused', p_actor, 'Paused.', p_run);
        PERFORM pg_notify('postroad_control', p_run::text);
    END IF;
    RETURN v_was;
END
$$;

-- One journal row about an act of the manager or of the program.
CREATE FUNCTION journal_act(p_kind text, p_actor text, p_text text,
                            p_run bigint DEFAULT NULL, p_detail jsonb DEFAULT NULL)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO journal (run_id, kind, actor, text, detail)
    VALUES (p_run, p_kind, p_actor, p_text, p_detail)
$$;

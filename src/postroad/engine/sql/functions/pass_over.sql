-- Settle the mails of a window that will not be begun: the suppressed become
-- so now; one that ended meanwhile (a late 250) keeps its state and only its
-- attempt is raised. Returns their positions.
CREATE FUNCTION pass_over(p_batch batch, p_hi integer, p_actor text) RETURNS smallint[]
LANGUAGE plpgsql AS $$
DECLARE
    v_suppressed jsonb;
    v_ended integer[];
    v_passed smallint[];
BEGIN
    SELECT jsonb_agg(jsonb_build_object('n', i.n, 'attempt', i.attempt, 'kind', 'suppressed',
               'text', 'Suppressed after the mail was prepared.'))
               FILTER (WHERE i.is_suppressed AND NOT i.has_ended),
           array_agg(i.n ORDER BY i.n) FILTER (WHERE i.has_ended),
           coalesce(array_agg(i.place::smallint) FILTER (WHERE i.is_suppressed OR i.has_ended), '{}')
    INTO v_suppressed, v_ended, v_passed
    FROM window_items(p_batch, p_hi) i;
    PERFORM record_facts(p_batch.run_id, p_batch.id, p_actor, v_suppressed);
    UPDATE delivery_state s SET attempt = i.attempt
    FROM window_items(p_batch, p_hi) i
    WHERE s.run_id = p_batch.run_id AND s.n = ANY (v_ended) AND s.n = i.n AND s.attempt < i.attempt;
    RETURN v_passed;
END
$$;

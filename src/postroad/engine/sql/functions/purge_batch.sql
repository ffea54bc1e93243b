-- Purge the unbegun mails of a locked, unowned batch and end it. Those begun
-- have their outcome already: an unowned batch has none unanswered.
CREATE FUNCTION purge_batch(p_batch batch, p_text text) RETURNS integer
LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    v_facts jsonb;
BEGIN
    SELECT jsonb_agg(jsonb_build_object('n', i.n, 'attempt', i.attempt, 'kind', 'purged', 'text', p_text))
    INTO v_facts
    FROM unnest(p_batch.item_n, p_batch.item_attempt) WITH ORDINALITY AS i (n, attempt, place)
    WHERE i.place > p_batch.started_upto;
    PERFORM record_facts(p_batch.run_id, p_batch.id, 'program', v_facts);
    UPDATE batch SET stage = 'done' WHERE id = p_batch.id;
    RETURN greatest(1, coalesce(jsonb_array_length(v_facts), 0));
END
$$;

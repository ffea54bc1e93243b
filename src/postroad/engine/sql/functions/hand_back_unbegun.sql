-- The owner's part of pause, hold, stop and drain: the unbegun mails of its
-- window go back (P11). In a stopped run, or a purged queue, they and the rest of
-- the batch are purged; otherwise they are retried and the rest stays free in the batch.
CREATE FUNCTION hand_back_unbegun(p_batch batch, p_state text, p_actor text, p_unbegun smallint[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_facts jsonb;
BEGIN
    SELECT jsonb_agg(jsonb_build_object('n', i.n, 'attempt', i.attempt,
        'kind', CASE WHEN p_state = 'stopped' THEN 'purged' ELSE 'not_begun' END,
        'text', CASE WHEN p_batch.until = '-infinity' THEN 'The queue was purged.'
                     WHEN p_state = 'stopped' THEN 'The run was stopped.'
                     ELSE 'Handed back before it began.' END))
    INTO v_facts
    FROM unnest(p_batch.item_n, p_batch.item_attempt) WITH ORDINALITY AS i (n, attempt, place)
    -- Told again while others are unanswered: each is handed back once.
    JOIN delivery_state s ON s.run_id = p_batch.run_id AND s.n = i.n AND s.attempt < i.attempt
    WHERE (i.place <= p_batch.started_upto AND i.place = ANY (p_unbegun))
       OR (p_state = 'stopped' AND i.place > p_batch.started_upto);
    PERFORM record_facts(p_batch.run_id, p_batch.id, p_actor, v_facts);
END
$$;

-- Where a batch rests after a report: done, given back, or with its owner.
CREATE FUNCTION rest_batch(p_batch batch, p_state text, p_status text, p_unanswered integer,
                           p_given_up boolean) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_is_over boolean := p_unanswered = 0 AND (
        p_batch.started_upto >= cardinality(p_batch.item_n)
        OR (p_given_up AND p_state = 'stopped'));
    -- No token and nothing out: the batch waits for its moment, not the worker.
    v_is_free boolean := p_unanswered = 0 AND (p_given_up OR p_status = 'wait');
BEGIN
    UPDATE batch
    SET stage = CASE WHEN v_is_over THEN 'done' ELSE stage END,
        owner = CASE WHEN v_is_over OR v_is_free THEN NULL ELSE owner END,
        answered = p_batch.started_upto - p_unanswered
    WHERE id = p_batch.id;
    IF v_is_over THEN
        PERFORM note_latency('batch', now() - p_batch.due_at);
    END IF;
    RETURN CASE WHEN v_is_over THEN 'done'
                WHEN v_is_free OR p_given_up THEN 'back'
                WHEN p_status = '' THEN 'wait'
                ELSE p_status END;
END
$$;

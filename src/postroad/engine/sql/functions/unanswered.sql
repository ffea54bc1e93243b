-- Positions of a batch that may have begun and have no outcome (P5).
CREATE FUNCTION unanswered(p_batch batch) RETURNS SETOF smallint
LANGUAGE sql STABLE AS $$
    SELECT i.place::smallint
    FROM unnest(p_batch.item_n, p_batch.item_attempt) WITH ORDINALITY AS i (n, attempt, place)
    JOIN delivery_state s ON s.run_id = p_batch.run_id AND s.n = i.n
    WHERE i.place <= p_batch.started_upto AND s.attempt < i.attempt
$$;

-- Positions of a batch that may have begun and have no outcome (P5). One index
-- lookup an item, whatever the statistics say.
CREATE FUNCTION unanswered(p_batch batch) RETURNS SETOF smallint
LANGUAGE sql STABLE AS $$
    SELECT i.place::smallint
    FROM unnest(p_batch.item_n[:p_batch.started_upto], p_batch.item_attempt[:p_batch.started_upto])
         WITH ORDINALITY AS i (n, attempt, place)
    CROSS JOIN LATERAL (SELECT attempt FROM delivery_state
                        WHERE run_id = p_batch.run_id AND n = i.n OFFSET 0) s
    WHERE s.attempt < i.attempt
$$;

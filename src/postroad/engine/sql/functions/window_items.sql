-- The items of a batch after its mark up to `p_hi`, and why one is left out.
CREATE FUNCTION window_items(p_batch batch, p_hi integer)
RETURNS TABLE (place bigint, n integer, attempt smallint, is_suppressed boolean, has_ended boolean)
LANGUAGE sql STABLE AS $$
    SELECT i.place, i.n, i.attempt, u.hash IS NOT NULL, 
           r.over_all > 0 OR r.kind = 'settled_sent' OR s.attempt >= i.attempt
    FROM unnest(p_batch.item_n, p_batch.item_attempt) WITH ORDINALITY AS i (n, attempt, place)
    JOIN delivery d ON d.run_id = p_batch.run_id AND d.n = i.n
    JOIN delivery_state s ON s.run_id = p_batch.run_id AND s.n = i.n
    JOIN fact_rule r ON r.kind = s.fact
    LEFT JOIN suppression u ON u.hash = d.hash
    WHERE i.place > p_batch.started_upto AND i.place <= p_hi
$$;

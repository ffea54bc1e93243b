-- The items of a batch after its mark up to `p_hi`, and why one is left out.
-- One index lookup an item, whatever the statistics say: a run may be larger
-- than they know.
CREATE FUNCTION window_items(p_batch batch, p_hi integer)
RETURNS TABLE (place integer, n integer, attempt smallint, is_suppressed boolean, has_ended boolean)
LANGUAGE sql STABLE AS $$
    SELECT i.place, i.n, i.attempt, u.hash IS NOT NULL,
           s.attempt >= i.attempt
           OR s.fact IN (SELECT kind FROM fact_rule WHERE over_all > 0 OR kind = 'settled_sent')
    FROM (SELECT p_batch.started_upto + k::integer, n, attempt
          FROM unnest(p_batch.item_n[p_batch.started_upto + 1 : p_hi],
                      p_batch.item_attempt[p_batch.started_upto + 1 : p_hi])
               WITH ORDINALITY AS o (n, attempt, k)) AS i (place, n, attempt)
    CROSS JOIN LATERAL (SELECT hash FROM delivery
                        WHERE run_id = p_batch.run_id AND n = i.n OFFSET 0) d
    CROSS JOIN LATERAL (SELECT attempt, fact FROM delivery_state
                        WHERE run_id = p_batch.run_id AND n = i.n OFFSET 0) s
    LEFT JOIN LATERAL (SELECT hash FROM suppression WHERE hash = d.hash OFFSET 0) u ON true
$$;

-- What a dispatching worker needs of the items of a batch: who gets each and
-- where its bytes lie. `place` is the position in the batch, from 1.
CREATE FUNCTION load_mails(p_batch bigint)
RETURNS TABLE (place bigint, n integer, attempt smallint, address text,
               source bigint, head_offset integer, head_length integer, size integer)
LANGUAGE sql STABLE
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
    SELECT i.place, i.n, i.attempt, d.address, i.source,
           p.item_offset[i.index + 1], p.item_length[i.index + 1], p.item_size[i.index + 1]
    FROM batch b
    CROSS JOIN LATERAL unnest(b.item_n, b.item_attempt, b.item_source, b.item_index)
        WITH ORDINALITY AS i (n, attempt, source, index, place)
    CROSS JOIN LATERAL (SELECT address FROM delivery
                        WHERE run_id = b.run_id AND n = i.n OFFSET 0) d
    JOIN prepared p ON p.batch_id = i.source
    WHERE b.id = p_batch
    ORDER BY i.place
$$;

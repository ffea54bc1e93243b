-- What a preparing worker needs of the items of a batch, in order of index.
CREATE FUNCTION load_recipients(p_batch bigint)
RETURNS TABLE (n integer, index smallint, address text, name text, data jsonb,
               message_id text, token bytea)
LANGUAGE sql STABLE
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
    SELECT d.n, i.index, d.address, d.name, d.data, d.message_id, d.token
    FROM batch b
    CROSS JOIN LATERAL unnest(b.item_n, b.item_index) AS i (n, index)
    CROSS JOIN LATERAL (SELECT * FROM delivery
                        WHERE run_id = b.run_id AND n = i.n OFFSET 0) d
    WHERE b.id = p_batch
    ORDER BY i.index
$$;

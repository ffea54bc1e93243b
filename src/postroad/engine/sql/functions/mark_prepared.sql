-- Set the still selected recipients of a batch, whose bytes were kept, to
-- prepared. Returns their numbers. One journal row a batch tells of them.
CREATE FUNCTION mark_prepared(p_batch batch, p_offset integer[]) RETURNS integer[]
LANGUAGE plpgsql AS $$
DECLARE
    v_kept integer[];
BEGIN
    WITH marked AS (
        UPDATE delivery_state s SET state = 'prepared', fact = 'prepared'
        WHERE s.run_id = p_batch.run_id AND s.fact = 'selected'
          AND s.n = ANY (ARRAY(SELECT i.n FROM unnest(p_batch.item_n, p_batch.item_index) AS i (n, index)
                               WHERE p_offset[i.index + 1] >= 0))
        RETURNING s.n)
    SELECT coalesce(array_agg(n ORDER BY n), '{}') INTO v_kept FROM marked;
    INSERT INTO count_delta (run_id, state, change)
    SELECT p_batch.run_id, c.state, c.change
    FROM (VALUES ('selected', -cardinality(v_kept)), ('prepared', cardinality(v_kept))) AS c (state, change)
    WHERE c.change <> 0;
    RETURN v_kept;
END
$$;

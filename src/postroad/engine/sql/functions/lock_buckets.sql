-- The buckets that a batch draws on, locked: relay, lane, campaign, slowed-down
-- lane. NULL where none is limited, which is the common case.
CREATE FUNCTION lock_buckets(p_batch batch, p_campaign bigint) RETURNS bucket[]
LANGUAGE sql AS $$
    SELECT array_agg(l.b ORDER BY l.place) FROM (
        SELECT b, k.place
        FROM (VALUES (1, 'relay', p_batch.relay_id::text), (2, 'lane', p_batch.lane),
                     (3, 'campaign', p_campaign::text),
                     (4, 'slow', p_batch.relay_id || ' ' || p_batch.lane)) AS k (place, kind, key)
        JOIN bucket b ON b.kind = k.kind AND b.key = k.key
        ORDER BY k.place FOR UPDATE OF b) l
$$;

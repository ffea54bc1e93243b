-- P8: a worker that lives, and had lost this batch, tells which places it never began.
-- Believed where that claim of its own had them and they were taken for unknown:
-- the answer that granted them was lost on the way, so it cannot tell by itself.
-- Locks: state rows in order of n.
CREATE FUNCTION settle_unbegun(p_batch batch, p_worker uuid, p_claim integer, p_actor text, p_unbegun smallint[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_facts jsonb;
BEGIN
    WITH gone AS (
        DELETE FROM lost_try t
        USING unnest(p_batch.item_n, p_batch.item_attempt) WITH ORDINALITY AS i (n, attempt, place)
        WHERE t.worker = p_worker AND t.run_id = p_batch.run_id AND t.claim = p_claim
          AND t.n = i.n AND t.attempt = i.attempt AND i.place = ANY (p_unbegun)
        RETURNING t.n, t.attempt)
    SELECT jsonb_agg(jsonb_build_object('n', n, 'attempt', attempt, 'kind', 'not_begun',
                                        'text', 'Handed back before it began.'))
    INTO v_facts FROM gone;
    PERFORM record_facts(p_batch.run_id, p_batch.id, p_actor, v_facts);
END
$$;

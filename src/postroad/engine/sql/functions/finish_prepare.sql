-- P2: keep the prepared bytes of a batch and move it to the dispatch stage.
--
-- p_offset, p_length, p_size, p_sha256: by index of the batch (from 0), -1 and
-- NULL where nothing was prepared. p_failures: facts (failed, skipped) of the
-- others, see record_facts. Nothing is kept and false comes back when the batch
-- is no longer ours, the run no longer preparing or the queue purged; an unowned
-- batch is due again, or overdue.
-- Locks: the batch row, state rows in order of n.
CREATE FUNCTION finish_prepare(
    p_batch bigint, p_worker uuid, p_claim integer, p_actor text, p_body bytea,
    p_offset integer[], p_length integer[], p_size integer[], p_sha256 bytea[], p_failures jsonb)
RETURNS boolean LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    v_batch batch%ROWTYPE;
    v_kept integer[];
BEGIN
    SELECT b.* INTO v_batch FROM batch b
    WHERE b.id = p_batch AND b.stage = 'prepare' AND b.owner = p_worker AND b.claim = p_claim
    FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF now() >= v_batch.until OR (SELECT state FROM run WHERE id = v_batch.run_id) <> 'preparing' THEN
        UPDATE batch SET owner = NULL WHERE id = p_batch;
        RETURN false;
    END IF;
    INSERT INTO prepared (batch_id, run_id, worker, body, item_offset, item_length, item_size, item_sha256)
    VALUES (p_batch, v_batch.run_id, p_worker, p_body, p_offset, p_length, p_size, p_sha256);
    PERFORM record_facts(v_batch.run_id, p_batch, p_actor,
                         p_failures || suppressed_in(v_batch, p_failures));
    v_kept := mark_prepared(v_batch, p_offset);
    PERFORM journal_act('prepared', p_actor, cardinality(v_kept) || ' mails were prepared.', v_batch.run_id,
                        jsonb_build_object('batch', p_batch, 'n', to_jsonb(v_kept)));
    UPDATE batch SET (item_n, item_attempt, item_source, item_index) = (
               SELECT coalesce(array_agg(i.n ORDER BY i.k), '{}'), coalesce(array_agg(i.a ORDER BY i.k), '{}'),
                      coalesce(array_agg(i.s ORDER BY i.k), '{}'), coalesce(array_agg(i.x ORDER BY i.k), '{}')
               FROM unnest(v_batch.item_n, v_batch.item_attempt, v_batch.item_source, v_batch.item_index)
                    WITH ORDINALITY AS i (n, a, s, x, k)
               WHERE i.n = ANY (v_kept)),
           stage = CASE WHEN v_kept = '{}' THEN 'done' ELSE 'dispatch' END,
           owner = NULL, due_at = NULL, rung_at = NULL
    WHERE id = p_batch;
    RETURN true;
END
$$;

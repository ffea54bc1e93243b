-- P0: these batches were marked as rung, and the broker did not confirm it: they
-- are rung again at the next turn.
-- Lock: the batch rows, skipping those in use: who claims clears the mark itself.
CREATE FUNCTION unring(p_batches bigint[]) RETURNS void
LANGUAGE sql AS $$
    UPDATE batch SET rung_at = NULL
    WHERE id IN (SELECT id FROM batch WHERE id = ANY (p_batches) AND rung_at IS NOT NULL
                 FOR UPDATE SKIP LOCKED)
$$;

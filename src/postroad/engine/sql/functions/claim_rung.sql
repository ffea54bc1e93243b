-- P4: become the owner of the batch that a doorbell named. No row: the bell
-- was stale (taken, done, stopped, of an older epoch), to be forgotten.
CREATE FUNCTION claim_rung(p_run bigint, p_epoch integer, p_batch bigint, p_stage text, p_worker uuid)
RETURNS SETOF batch
LANGUAGE sql AS $$
    UPDATE batch b SET owner = p_worker, claim = b.claim + 1, rung_at = NULL
    FROM run r
    WHERE b.id = p_batch AND r.id = p_run AND b.run_id = r.id AND r.epoch = p_epoch
      AND b.stage = p_stage AND b.owner IS NULL AND b.due_at <= now() AND now() < b.until
      AND r.state = CASE p_stage WHEN 'prepare' THEN 'preparing' ELSE 'running' END
    RETURNING b.*
$$;

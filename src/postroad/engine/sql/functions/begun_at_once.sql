-- Mails of a bucket that are begun and have no outcome, over all workers. Of
-- the batch whose window asks, what the facts of the same report left open.
CREATE FUNCTION begun_at_once(p_bucket bucket, p_batch batch) RETURNS integer
LANGUAGE sql STABLE AS $$
    SELECT (SELECT count(*) FROM unanswered(p_batch))::integer + coalesce(sum(b.started_upto - b.answered), 0)::integer
    FROM batch b
    WHERE b.owner IS NOT NULL AND b.stage = 'dispatch' AND b.id <> p_batch.id
      AND CASE p_bucket.kind
          WHEN 'relay' THEN b.relay_id = p_batch.relay_id
          WHEN 'lane' THEN b.lane = p_batch.lane
          WHEN 'campaign' THEN b.run_id IN (SELECT id FROM run WHERE campaign_id::text = p_bucket.key)
          ELSE b.relay_id = p_batch.relay_id AND b.lane = p_batch.lane END
$$;

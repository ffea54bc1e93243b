-- What waits and what is owned now, by stage and lane, counted from the batches
-- and retries themselves. Stage 'purge': taken out of a queue, or waiting in a
-- stopped run, and not yet recorded as purged. Takes no lock.
CREATE FUNCTION look_at_queues() RETURNS SETOF queue_figure
LANGUAGE sql STABLE AS $$
    WITH open AS (
        SELECT CASE WHEN b.owner IS NULL AND (r.state = 'stopped' OR b.until = '-infinity') THEN 'purge'
                    ELSE b.stage END AS stage,
               b.lane, b.owner IS NOT NULL AS is_owned, b.rung_at IS NOT NULL AS is_rung, b.due_at,
               cardinality(b.item_n) - b.started_upto AS waiting,
               cardinality(b.item_n) - b.answered AS unanswered,
               CASE b.stage WHEN 'dispatch' THEN b.started_upto - b.answered ELSE 0 END AS sending,
               b.owner IS NULL AND b.due_at <= now() AND now() < b.until
               AND r.state = CASE b.stage WHEN 'prepare' THEN 'preparing' ELSE 'running' END
               AND b.stage <> 'purge' AS is_due
        FROM batch b JOIN run r ON r.id = b.run_id WHERE b.stage <> 'done'
    ), part AS (
        SELECT stage, lane,
               count(*) FILTER (WHERE NOT is_owned) AS waiting_batches,
               coalesce(sum(waiting) FILTER (WHERE NOT is_owned), 0) AS waiting_mails, 0 AS retries,
               count(*) FILTER (WHERE is_due) AS due_batches,
               coalesce(sum(waiting) FILTER (WHERE is_due), 0) AS due_mails,
               count(*) FILTER (WHERE is_rung AND NOT is_owned) AS rung_batches,
               count(*) FILTER (WHERE is_owned) AS owned_batches,
               coalesce(sum(unanswered) FILTER (WHERE is_owned), 0) AS owned_mails,
               coalesce(sum(sending) FILTER (WHERE is_owned), 0) AS sending,
               min(due_at) FILTER (WHERE NOT is_owned AND due_at > now()) AS next_due_at,
               min(due_at) FILTER (WHERE is_due) AS oldest_due_at
        FROM open GROUP BY stage, lane
        UNION ALL
        SELECT CASE r.state WHEN 'stopped' THEN 'purge' ELSE 'dispatch' END, t.lane, 0, count(*), count(*),
               0, 0, 0, 0, 0, 0, min(t.due_at) FILTER (WHERE t.due_at > now()),
               min(t.due_at) FILTER (WHERE t.due_at <= now() AND r.state = 'running')
        FROM retry t JOIN run r ON r.id = t.run_id GROUP BY 1, 2)
    SELECT stage, lane, sum(waiting_batches)::integer, sum(waiting_mails)::bigint, sum(retries)::bigint,
           sum(due_batches)::integer, sum(due_mails)::bigint, sum(rung_batches)::integer,
           sum(owned_batches)::integer, sum(owned_mails)::bigint, sum(sending)::bigint,
           min(next_due_at), min(oldest_due_at)
    FROM part GROUP BY stage, lane
$$;

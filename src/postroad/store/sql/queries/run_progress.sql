-- What moves in a run. Everything here costs the same at any number of
-- recipients: counters, the batches that workers own now, the front of the
-- retries, and the tail of the journal, whose accepted rows of the last seconds
-- are the rate.
WITH owned AS MATERIALIZED (
    SELECT b.stage, b.is_retry, b.owner, cardinality(b.item_n) AS mails,
           b.started_upto - b.answered AS sending, b.answered
    FROM batch b WHERE b.owner IS NOT NULL AND b.run_id = %(run)s
), tail AS MATERIALIZED (
    SELECT run_id, kind, at FROM journal
    WHERE recorded_at > now() - interval '1 minute' ORDER BY id DESC LIMIT 1000
), due AS MATERIALIZED (
    SELECT run_id, due_at FROM retry ORDER BY due_at LIMIT 200
), dead AS MATERIALIZED (
    SELECT cause FROM attention
    WHERE state = 'dead' AND run_id = %(run)s AND mark IS NULL AND requeued_at IS NULL LIMIT 500
)
SELECT
    (SELECT coalesce(jsonb_object_agg(state, count), '{}') FROM run_counts(%(run)s)) AS counts,
    coalesce((SELECT sum(sending) FROM owned WHERE stage = 'dispatch'), 0) AS sending,
    (SELECT count(*) FROM owned WHERE stage = 'prepare') AS preparing_batches,
    coalesce((SELECT sum(mails) FROM owned WHERE stage = 'prepare'), 0) AS preparing,
    (SELECT count(*) FROM owned WHERE stage = 'dispatch') AS dispatching_batches,
    coalesce((SELECT sum(mails - answered) FROM owned WHERE stage = 'dispatch' AND NOT is_retry), 0)
        AS leased_first,
    coalesce((SELECT sum(mails - answered) FROM owned WHERE stage = 'dispatch' AND is_retry), 0)
        AS leased_retries,
    (SELECT count(DISTINCT owner) FROM owned) AS busy_workers,
    (SELECT min(due_at) FROM due WHERE run_id = %(run)s) AS next_retry_at,
    (SELECT count(*) FROM tail WHERE run_id = %(run)s AND kind = 'accepted'
                                 AND at > now() - interval '5 seconds') AS accepted_lately,
    -- The tail may be shorter than five seconds where much is written.
    (SELECT CASE WHEN count(*) < 1000 THEN 5
                 ELSE greatest(0.2, least(5, extract(epoch FROM now() - min(at)))) END
     FROM tail)::float8 AS lately_seconds,
    (SELECT count(DISTINCT cause) FROM dead) AS dead_causes,
    (SELECT min(cause) FROM dead) AS dead_cause

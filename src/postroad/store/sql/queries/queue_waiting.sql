-- What a purge of a stage would take now, counted from the batches: for the
-- question that names numbers, not for a poll.
SELECT coalesce(sum(waiting_batches), 0) AS batches, coalesce(sum(waiting_mails), 0)::bigint AS mails,
       coalesce(sum(owned_mails - sending), 0)::bigint AS held,
       coalesce(sum(sending), 0)::bigint AS sending, coalesce(sum(retries), 0)::bigint AS retries,
       (SELECT count(DISTINCT r.id) FROM run r
        WHERE r.state NOT IN ('finished', 'stopped')
          AND (EXISTS (SELECT FROM batch b WHERE b.run_id = r.id AND b.stage = %(stage)s)
               OR %(stage)s = 'dispatch' AND EXISTS (SELECT FROM retry t WHERE t.run_id = r.id))) AS runs
FROM look_at_queues() WHERE stage = %(stage)s

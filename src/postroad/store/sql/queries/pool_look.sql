-- What the worker pool of one host is kept by: how many batches are due and nobody's
-- (counted up to 1,000), which slots rest, and what each of its workers owns and sends.
SELECT (SELECT count(*) FROM (
            SELECT FROM batch b JOIN run r ON r.id = b.run_id
            WHERE b.stage = ANY (%(stages)s) AND b.owner IS NULL AND b.due_at <= now()
              AND now() < b.until
              AND r.state = CASE b.stage WHEN 'prepare' THEN 'preparing' ELSE 'running' END
            LIMIT 1000) AS due) AS waiting,
       coalesce((SELECT jsonb_agg(jsonb_build_object(
                     'pid', w.pid, 'rate', w.rate,
                     'owned', (SELECT count(*) FROM batch b WHERE b.owner = w.id)))
                 FROM worker w
                 WHERE w.host = %(host)s AND w.pid = ANY (%(pids)s) AND w.ended_at IS NULL
                   AND w.alive_until > now()), '[]') AS workers,
       ARRAY (SELECT slot FROM resting_slot WHERE host = %(host)s) AS resting

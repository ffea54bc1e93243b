-- P11: purge what waits at a stage, over all live runs; recall_queue.sql for the rest.
SELECT runs, batches, mails FROM purge_queue(%(stage)s, %(actor)s)

-- P11: what workers hold of a purged queue and have not begun goes back to be purged too.
SELECT runs, batches, mails, in_flight FROM recall_queue(%(stage)s, %(actor)s)

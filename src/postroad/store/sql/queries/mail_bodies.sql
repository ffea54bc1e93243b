-- The compressed heads of some batches.
SELECT batch_id, body FROM prepared WHERE batch_id = ANY(%(batches)s)

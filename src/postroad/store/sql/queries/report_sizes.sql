-- Sizes of the mails of the first batches, in octets; -1 where nothing was prepared.
SELECT item_size AS sizes FROM prepared WHERE run_id = %(run)s ORDER BY batch_id LIMIT %(batches)s

-- Sizes of the mails of some batches, in octets; 0 where nothing was prepared.
SELECT item_size AS sizes FROM prepared WHERE run_id = %(run)s LIMIT %(batches)s

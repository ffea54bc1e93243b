-- Numbers of mails whose bytes are kept, from one on: whole batches in order of
-- number, as many as may hold a page.
SELECT d.n FROM delivery d JOIN prepared p ON p.batch_id = d.batch_id
WHERE d.run_id = %(run)s AND d.n > %(after)s AND d.n <= %(after)s + %(span)s
  AND p.item_offset[d.index + 1] >= 0
ORDER BY d.n LIMIT %(limit)s

-- Where the prepared bytes of some mails of a run lie; `at` counts from 0.
SELECT d.n, d.address, d.name, d.lane, d.batch_id, p.item_offset[d.index + 1] AS head_offset,
       p.item_length[d.index + 1] AS head_length, p.item_size[d.index + 1] AS size,
       p.item_sha256[d.index + 1] AS sha256, p.prepared_at
FROM delivery d JOIN prepared p ON p.batch_id = d.batch_id
WHERE d.run_id = %(run)s AND d.n = ANY(%(numbers)s) AND p.item_offset[d.index + 1] >= 0
ORDER BY d.n

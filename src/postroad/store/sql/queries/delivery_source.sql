-- Where the head of one mail lies, and the revision whose tail ends it.
SELECT p.body, p.item_offset[d.index + 1] AS head_offset, p.item_length[d.index + 1] AS head_length,
       r.revision_id
FROM delivery d
JOIN run r ON r.id = d.run_id
JOIN prepared p ON p.batch_id = d.batch_id
WHERE d.run_id = %(run_id)s AND d.n = %(n)s AND p.item_offset[d.index + 1] >= 0

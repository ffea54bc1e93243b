-- The nearest mails of a run with kept bytes on both sides of one.
SELECT
    (SELECT d.n FROM delivery d JOIN prepared p ON p.batch_id = d.batch_id
     WHERE d.run_id = %(run)s AND d.n < %(n)s AND d.n >= %(n)s - 1000
       AND p.item_offset[d.index + 1] >= 0 ORDER BY d.n DESC LIMIT 1) AS before,
    (SELECT d.n FROM delivery d JOIN prepared p ON p.batch_id = d.batch_id
     WHERE d.run_id = %(run)s AND d.n > %(n)s AND d.n <= %(n)s + 1000
       AND p.item_offset[d.index + 1] >= 0 ORDER BY d.n LIMIT 1) AS after

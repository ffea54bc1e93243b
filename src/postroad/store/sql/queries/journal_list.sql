-- Journal rows below an id, newest first. A filter that matches little would
-- walk ten million rows back, so a page looks at those above `floor` only.
SELECT j.id, j.at, j.run_id, j.n, j.attempt, j.kind, j.actor, j.code, j.enhanced, j.text,
       d.address, c.name AS campaign,
       (SELECT count(*) FROM run o WHERE o.campaign_id = r.campaign_id AND o.id <= r.id) AS number
FROM (SELECT * FROM journal
      WHERE id < %(before)s AND id >= %(floor)s
        AND (%(kind)s = '' OR kind = %(kind)s)
        AND (%(run_id)s::bigint IS NULL OR run_id = %(run_id)s::bigint)
        AND (%(actor)s = '' OR actor = %(actor)s OR actor LIKE %(actor)s || ' %%')
        AND (%(text)s = '' OR text ILIKE %(text)s)
      ORDER BY id DESC LIMIT %(limit)s) j
LEFT JOIN delivery d ON d.run_id = j.run_id AND d.n = j.n
LEFT JOIN run r ON r.id = j.run_id
LEFT JOIN campaign c ON c.id = r.campaign_id
ORDER BY j.id DESC

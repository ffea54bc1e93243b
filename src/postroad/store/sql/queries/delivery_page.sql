-- One delivery with its run's pins, its state, where its bytes lie, and what waits.
SELECT d.run_id, d.n, d.address, d.name, d.hash, d.lane, d.zone, d.message_id, d.batch_id,
       s.state, s.fact, s.attempt,
       r.campaign_id, coalesce(c.name, 'A deleted campaign') AS campaign,
       (SELECT count(*) FROM run o WHERE o.campaign_id = r.campaign_id AND o.id <= r.id) AS number,
       r.state AS run_state, r.selected_at, r.release_at, r.sender_address, r.revision_id,
       e.name AS content, v.number AS revision, au.name AS audience, av.version AS audience_version,
       y.name AS relay,
       a.mark, a.policy, a.cause, a.text AS attention, a.requeued_at,
       t.attempt AS retry_attempt, t.due_at AS retry_due_at,
       p.prepared_at, p.worker AS prepared_by,
       p.item_size[d.index + 1] AS size, p.item_sha256[d.index + 1] AS sha256,
       u.reason AS suppressed,
       k.id AS contact_id,
       EXISTS (SELECT FROM batch b
               CROSS JOIN LATERAL unnest(b.item_n, b.item_attempt) WITH ORDINALITY AS i (n, attempt, place)
               WHERE b.owner IS NOT NULL AND b.run_id = d.run_id AND b.stage = 'dispatch'
                 AND i.n = d.n AND i.place <= b.started_upto AND s.attempt < i.attempt) AS is_sending
FROM delivery d
JOIN delivery_state s ON s.run_id = d.run_id AND s.n = d.n
JOIN run r ON r.id = d.run_id
LEFT JOIN campaign c ON c.id = r.campaign_id
LEFT JOIN revision v ON v.id = r.revision_id
LEFT JOIN content e ON e.id = v.content_id
LEFT JOIN audience_version av ON av.id = r.audience_version_id
LEFT JOIN audience au ON au.id = av.audience_id
LEFT JOIN relay y ON y.id = r.relay_id
LEFT JOIN attention a ON a.run_id = d.run_id AND a.n = d.n
LEFT JOIN LATERAL (SELECT attempt, due_at FROM retry w WHERE w.run_id = d.run_id AND w.n = d.n
                   ORDER BY attempt DESC LIMIT 1) t ON true
LEFT JOIN prepared p ON p.batch_id = d.batch_id AND p.item_offset[d.index + 1] >= 0
LEFT JOIN suppression u ON u.hash = d.hash
LEFT JOIN contact k ON k.id = CASE WHEN d.contact_key ~ '^[0-9]{1,18}$' THEN d.contact_key::bigint END
                   AND lower(k.address) = lower(d.address)
WHERE d.run_id = %(run_id)s AND d.n = %(n)s

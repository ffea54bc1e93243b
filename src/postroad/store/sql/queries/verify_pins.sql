-- What Verify would pin now: the version deployed last, the revision saved last,
-- the campaign's relays with their shares, its one relay or the default one.
SELECT c.id AS campaign_id, coalesce(a.routine, '') AS routine, coalesce(a.id, 0) AS audience_version_id,
       coalesce(v.id, 0) AS revision_id,
       coalesce(c.relay_id, (SELECT id FROM relay WHERE is_default), 0) AS relay_id,
       c.is_personal, c.sender_name, c.sender_address, c.reply_to, c.postal_address,
       CASE WHEN coalesce(c.is_urgent, c.is_personal) THEN 1 ELSE 0 END AS priority,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('relay_id', s.relay_id, 'weight', s.weight)
                                  ORDER BY s.relay_id), '[]')
        FROM campaign_relay s WHERE s.campaign_id = c.id) AS relays,
       c.unknown_policy, c.resend_limit
FROM campaign c
LEFT JOIN LATERAL (SELECT id, routine FROM audience_version
                   WHERE audience_id = c.audience_id ORDER BY version DESC LIMIT 1) AS a ON true
LEFT JOIN LATERAL (SELECT id FROM revision
                   WHERE content_id = c.content_id ORDER BY number DESC LIMIT 1) AS v ON true
WHERE c.id = %(campaign)s

-- One run with the names of what it pins. The database's clock says how long a launch can be undone.
SELECT r.id, r.campaign_id, coalesce(c.name, '') AS campaign,
       (SELECT count(*) FROM run o WHERE o.campaign_id = r.campaign_id AND o.id <= r.id) AS number,
       r.state, coalesce(r.state_before_hold, '') AS state_before_hold, r.reason, r.recipients,
       r.is_personal, r.sender_name, r.sender_address,
       r.revision_id, v.content_id, coalesce(t.name, '') AS content, coalesce(v.number, 0) AS revision,
       a.audience_id, coalesce(n.name, '') AS audience, coalesce(a.version, 0) AS version,
       coalesce(a.words, '') AS audience_words,
       r.relay_id, coalesce(y.name, '') AS relay, coalesce(y.is_sandbox, false) AS is_sandbox,
       coalesce(y.connections, 0) AS connections,
       r.launch_zone, r.release_at, r.created_at, r.selected_at, r.ready_at, r.started_at, r.finished_at,
       r.unknown_policy, r.resend_limit, now() AS read_at,
       greatest(0, extract(epoch FROM r.release_at - now()))::float8 AS release_in,
       extract(epoch FROM coalesce(r.finished_at, now()) - r.started_at)::float8 AS elapsed,
       (SELECT string_agg(o.name, ', ' ORDER BY k.weight DESC, o.name)
        FROM run_relay k JOIN relay o ON o.id = k.relay_id
        WHERE k.run_id = r.id AND k.relay_id <> r.relay_id) AS other_relays,
       (SELECT string_agg(coalesce(o.name, 'A relay') || ': ' || h.reason, ' ')
        FROM run_relay k JOIN relay_health h ON h.relay_id = k.relay_id AND h.stopped_at IS NOT NULL
        LEFT JOIN relay o ON o.id = k.relay_id
        WHERE k.run_id = r.id) AS relay_fault,
       (SELECT count(*) FROM worker w WHERE w.ended_at IS NULL AND w.alive_until > now()) AS workers
FROM run r
LEFT JOIN campaign c ON c.id = r.campaign_id
LEFT JOIN revision v ON v.id = r.revision_id
LEFT JOIN content t ON t.id = v.content_id
LEFT JOIN audience_version a ON a.id = r.audience_version_id
LEFT JOIN audience n ON n.id = a.audience_id
LEFT JOIN relay y ON y.id = r.relay_id
WHERE r.id = %(run)s

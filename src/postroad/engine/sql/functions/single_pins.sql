-- What a run of one of this campaign would be made of now, as pins of make_run;
-- p_public_url where the manager has set none. NULL: there is no such campaign.
-- The sandbox plays a relay: its retries wait seconds (core/launching.py).
CREATE FUNCTION single_pins(p_campaign bigint, p_public_url text) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'campaign_id', c.id, 'routine', 'submitted_recipient', 'audience_version_id', 0,
        'revision_id', v.id, 'relay_id', y.id, 'is_personal', c.is_personal,
        'sender_name', c.sender_name, 'sender_address', c.sender_address, 'reply_to', c.reply_to,
        'postal_address', c.postal_address, 'priority', 1, 'max_recipients', 1, 'failure_limit', 0,
        'unknown_policy', c.unknown_policy, 'resend_limit', c.resend_limit,
        'public_url', coalesce((SELECT value #>> '{}' FROM setting WHERE name = 'public_url'), p_public_url))
        || CASE WHEN y.is_sandbox THEN '{"backoff_seconds": [2, 4, 8], "give_up_seconds": 600}'::jsonb
                ELSE '{}' END
        || coalesce((SELECT jsonb_build_object('relays', jsonb_agg(jsonb_build_object(
                         'relay_id', s.relay_id, 'weight', s.weight)))
                     FROM campaign_relay s WHERE s.campaign_id = c.id HAVING count(*) > 0), '{}')
    FROM campaign c
    LEFT JOIN LATERAL (SELECT id FROM revision WHERE content_id = c.content_id
                       ORDER BY number DESC LIMIT 1) AS v ON true
    LEFT JOIN relay y ON CASE WHEN c.relay_id IS NULL THEN y.is_default ELSE y.id = c.relay_id END
    WHERE c.id = p_campaign
$$;

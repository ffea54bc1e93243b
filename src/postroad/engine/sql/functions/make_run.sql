-- Verify: make the run that will select, freeze and prepare. Pressed twice it
-- is one run: where the campaign has one that is selecting, preparing, ready or
-- scheduled, that one's id comes back with `is_new` false. One that the program
-- held before its launch is abandoned for the new one: they could not both go on.
-- With `submission_id` among the pins it is a run of one, which stands beside these.
-- `relays` in the pins, a list of {relay_id, weight}, is where it is sent through;
-- without it relay_id alone.
CREATE FUNCTION make_run(p_pins jsonb, p_actor text, OUT run_id bigint, OUT is_new boolean)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM stop_run(h.id, p_actor, 'abandoned: verified again')
    FROM (SELECT id FROM run
          WHERE campaign_id = (p_pins->>'campaign_id')::bigint AND state = 'held'
            AND submission_id IS NULL AND p_pins->>'submission_id' IS NULL
            AND state_before_hold IN ('selecting', 'preparing', 'ready', 'scheduled')
          FOR NO KEY UPDATE) h;
    INSERT INTO run (campaign_id, routine, audience_version_id, revision_id, relay_id, is_personal,
                     sender_name, sender_address, reply_to, postal_address, public_url, priority, max_recipients,
                     batch_size, window_size, backoff_seconds, give_up_seconds, failure_limit, submission_id,
                     unknown_policy, resend_limit)
    SELECT p.campaign_id, p.routine, p.audience_version_id, p.revision_id, p.relay_id, p.is_personal,
           coalesce(p.sender_name, ''), p.sender_address, coalesce(p.reply_to, ''),
           coalesce(p.postal_address, ''), coalesce(p.public_url, ''),
           coalesce(p.priority, 0), p.max_recipients, coalesce(p.batch_size, 100),
           coalesce(p.window_size, 100),
           coalesce(p.backoff_seconds, '{1800,3600,7200,14400,28800,43200}'),
           coalesce(p.give_up_seconds, 432000), p.failure_limit, p.submission_id,
           coalesce(p.unknown_policy, 'hold'), coalesce(p.resend_limit, 1)
    FROM jsonb_to_record(p_pins) AS p (
        campaign_id bigint, routine text, audience_version_id bigint, revision_id bigint,
        relay_id bigint, is_personal boolean, sender_name text, sender_address text, reply_to text,
        postal_address text, public_url text, priority smallint, max_recipients integer, batch_size smallint,
        window_size smallint, backoff_seconds integer[], give_up_seconds integer,
        failure_limit integer, submission_id bigint, unknown_policy text, resend_limit smallint)
    ON CONFLICT (campaign_id)
        WHERE state IN ('selecting', 'preparing', 'ready', 'scheduled') AND submission_id IS NULL
    DO NOTHING
    RETURNING run.id INTO run_id;
    is_new := run_id IS NOT NULL;
    IF is_new THEN
        INSERT INTO run_relay (run_id, relay_id, weight)
        SELECT make_run.run_id, r.relay_id, r.weight
        FROM jsonb_to_recordset(coalesce(p_pins->'relays', jsonb_build_array(jsonb_build_object(
            'relay_id', p_pins->'relay_id', 'weight', 1)))) AS r (relay_id bigint, weight smallint);
        IF p_pins->>'submission_id' IS NULL THEN
            PERFORM journal_act('verify', p_actor, 'Verify: a run was made.', run_id, p_pins);
        END IF;
        PERFORM pg_notify('postroad_select', run_id::text);
    ELSE
        SELECT r.id INTO run_id FROM run r
        WHERE r.campaign_id = (p_pins->>'campaign_id')::bigint
          AND r.state IN ('selecting', 'preparing', 'ready', 'scheduled') AND r.submission_id IS NULL;
    END IF;
END
$$;

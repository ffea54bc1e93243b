-- One recipient for an open campaign: a run of one, pinned as Verify would. The
-- submitter's key makes a repeat harmless: it returns the run of the first time.
-- outcome: 'taken', 'already', or why nothing was made: 'unknown' (no such
-- campaign), 'closed', 'incomplete' (content, sender or relay is missing, or
-- what bulk mail needs).
-- The address is normalised by the caller (core/address.py); suppression and
-- everything else is the run's own way.
CREATE FUNCTION submit_delivery(
    p_campaign bigint, p_key text, p_address text, p_address_key text, p_name text, p_data jsonb,
    p_public_url text, p_actor text, OUT outcome text, OUT run_id bigint)
LANGUAGE plpgsql AS $$
DECLARE
    v_is_open boolean;
    v_pins jsonb;
    v_submission bigint;
BEGIN
    SELECT r.id INTO run_id FROM submission s JOIN run r ON r.submission_id = s.id
    WHERE s.campaign_id = p_campaign AND s.key = p_key;
    IF FOUND THEN
        outcome := 'already';
        RETURN;
    END IF;
    -- Locked, so that closing comes before and is seen, or after.
    SELECT is_open AND state <> 'archived' INTO v_is_open FROM campaign WHERE id = p_campaign FOR SHARE;
    v_pins := single_pins(p_campaign, p_public_url);
    outcome := CASE WHEN v_is_open IS NULL THEN 'unknown'
                    WHEN NOT v_is_open THEN 'closed'
                    WHEN v_pins->>'revision_id' IS NULL OR v_pins->>'relay_id' IS NULL
                      OR v_pins->>'sender_address' = ''
                      OR NOT (v_pins->>'is_personal')::boolean
                         AND (v_pins->>'public_url' NOT LIKE 'https://%' OR v_pins->>'postal_address' = '')
                    THEN 'incomplete'
                    ELSE 'taken' END;
    IF outcome <> 'taken' THEN
        RETURN;
    END IF;
    INSERT INTO submission (campaign_id, key, address, address_key, name, data)
    VALUES (p_campaign, p_key, p_address, p_address_key, p_name, p_data)
    ON CONFLICT (campaign_id, key) DO NOTHING RETURNING id INTO v_submission;
    IF v_submission IS NULL THEN
        -- Submitted twice at once; the other has committed.
        outcome := 'already';
        SELECT r.id INTO run_id FROM submission s JOIN run r ON r.submission_id = s.id
        WHERE s.campaign_id = p_campaign AND s.key = p_key;
        RETURN;
    END IF;
    SELECT m.run_id INTO run_id
    FROM make_run(v_pins || jsonb_build_object('submission_id', v_submission), p_actor) m;
    PERFORM journal_act('submitted', p_actor, 'A single mail was submitted.', run_id,
                        jsonb_build_object('campaign', p_campaign, 'id', p_key));
END
$$;

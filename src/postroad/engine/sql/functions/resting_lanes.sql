-- The lanes of a run whose due batches of a stage would be claimed in vain for
-- now: a limit blocks them. NULL: none of its batches may be claimed.
CREATE FUNCTION resting_lanes(p_run run, p_stage text) RETURNS text[]
LANGUAGE sql VOLATILE AS $$
    SELECT CASE WHEN p_stage <> 'dispatch' THEN '{}'
                WHEN c.relay IS NOT NULL THEN blocked_lanes(c.relay, p_run.priority) END
    FROM (SELECT CASE WHEN p_stage = 'dispatch'
                      THEN relay_for_claim(p_run.id, p_run.campaign_id, p_run.priority) END) AS c (relay)
$$;

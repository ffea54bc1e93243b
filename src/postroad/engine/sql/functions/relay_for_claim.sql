-- The relay for a batch of a run about to be claimed for dispatch; NULL while
-- none may carry it, or the campaign's own limit blocks it. An urgent run may
-- look sooner: its windows reach further ahead.
CREATE FUNCTION relay_for_claim(p_run bigint, p_campaign bigint, p_priority integer) RETURNS bigint
LANGUAGE sql VOLATILE AS $$
    SELECT choose_relay(p_run, patience(p_priority))
    WHERE NOT EXISTS (SELECT FROM bucket WHERE kind = 'campaign' AND key = p_campaign::text
                      AND blocked_until > now() + patience(p_priority))
$$;

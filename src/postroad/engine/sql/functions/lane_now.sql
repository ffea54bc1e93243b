-- The lane of a further attempt: that of the delivery, or the own lane that its
-- domain has got meanwhile.
CREATE FUNCTION lane_now(p_lane text, p_address text) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT lane FROM lane_domain
                     WHERE p_lane = 'other' AND promoted_at IS NOT NULL
                       AND domain = lower(substr(p_address, length(p_address) - strpos(reverse(p_address), '@') + 2))),
                    p_lane)
$$;

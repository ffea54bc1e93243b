-- Give a domain of the lane `other` a lane of its own, named like it. Batches
-- that wait are split when they are claimed. False: it has a lane already.
CREATE FUNCTION promote_domain(p_domain text, p_actor text, p_why text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO lane_domain (domain, lane, promoted_at) VALUES (p_domain, p_domain, clock_timestamp())
    ON CONFLICT (domain) DO NOTHING;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM journal_act('lane_promoted', p_actor, p_domain || ' has its own lane now. ' || p_why, NULL,
                        jsonb_build_object('lane', p_domain));
    RETURN true;
END
$$;

-- How strongly a fact of an attempt decides a state: the greater wins (P9).
-- Over-all facts ignore the attempt; others weigh it before their rank. The
-- first two are columns of its fact_rule: plain enough to be inlined.
CREATE FUNCTION fact_strength(p_strength bigint, p_over_all smallint, p_attempt smallint)
RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT p_strength + CASE WHEN p_over_all > 0 THEN 0 ELSE p_attempt::bigint * 1024 END
$$;

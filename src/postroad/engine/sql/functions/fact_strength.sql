-- How strongly a fact of an attempt decides a state: the greater wins (P9).
-- Over-all facts ignore the attempt; others weigh it before their rank.
CREATE FUNCTION fact_strength(p_kind text, p_attempt integer) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT strength + CASE WHEN over_all > 0 THEN 0 ELSE p_attempt::bigint * 1024 END
    FROM fact_rule WHERE kind = p_kind
$$;

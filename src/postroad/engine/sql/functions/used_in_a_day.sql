-- Tokens spent in the last 24 hours, counted by whole hours: never too few.
CREATE FUNCTION used_in_a_day(p_kind text, p_key text, p_now timestamptz) RETURNS integer
LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(used), 0)::integer FROM bucket_hour
    WHERE kind = p_kind AND key = p_key AND hour > p_now - interval '25 hours'
$$;

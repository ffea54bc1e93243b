-- When the daily limit frees again: as the oldest hours leave the last 24.
CREATE FUNCTION next_of_day(p_kind text, p_key text, p_per_day integer, p_now timestamptz)
RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT coalesce(min(freed), p_now + interval '1 hour') FROM (
        SELECT hour + interval '25 hours' AS freed,
               sum(used) OVER (ORDER BY hour DESC) AS used_since
        FROM bucket_hour
        WHERE kind = p_kind AND key = p_key AND hour > p_now - interval '25 hours') h
    WHERE used_since >= p_per_day
$$;

-- Count tokens in the buckets that have a limit by day.
CREATE FUNCTION count_in_day(p_buckets bucket[], p_count integer, p_now timestamptz)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO bucket_hour (kind, key, hour, used)
    SELECT b.kind, b.key, date_trunc('hour', p_now), p_count FROM unnest(p_buckets) b
    WHERE p_count > 0 AND (b.per_day IS NOT NULL OR b.ramp_first IS NOT NULL OR b.kind = 'relay')
    ON CONFLICT (kind, key, hour) DO UPDATE SET used = bucket_hour.used + excluded.used
$$;

-- Write down what a window took of a bucket: `p_count` moments from `p_first`,
-- `p_step` seconds apart: another bucket's pace where that is slower.
CREATE FUNCTION spend_tokens(p_kind text, p_key text, p_count integer, p_first timestamptz,
                             p_step double precision)
RETURNS void LANGUAGE sql AS $$
    UPDATE bucket SET next_at = p_first + make_interval(secs => (p_count - 1) * p_step)
                            + interval_us * interval '1 microsecond'
    WHERE kind = p_kind AND key = p_key AND interval_us > 0;
    INSERT INTO bucket_hour (kind, key, hour, used)
    SELECT kind, key, date_trunc('hour', p_first), p_count FROM bucket
    WHERE kind = p_kind AND key = p_key AND per_day IS NOT NULL
    ON CONFLICT (kind, key, hour) DO UPDATE SET used = bucket_hour.used + excluded.used
$$;

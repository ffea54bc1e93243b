-- A bucket without the moments that have passed. A front further ahead than any
-- window takes comes of a clock that was set back, and is brought near again.
CREATE FUNCTION tidy_bucket(p_bucket bucket, p_now bigint) RETURNS bucket
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    v_furthest bigint := p_now + 2000000 + p_bucket.interval_us;
BEGIN
    IF p_bucket.next_us > v_furthest THEN
        p_bucket.next_us := v_furthest;
        p_bucket.hole_us := '{}'; p_bucket.hole_count := '{}';
        RETURN p_bucket;
    END IF;
    IF p_bucket.hole_us <> '{}' THEN
        SELECT coalesce(array_agg(h.first + h.gone * p_bucket.interval_us ORDER BY h.first), '{}'),
               coalesce(array_agg(h.many - h.gone ORDER BY h.first), '{}')
        INTO p_bucket.hole_us, p_bucket.hole_count
        FROM (SELECT u.first, u.many, GREATEST(0, (p_now - u.first + p_bucket.interval_us - 1)
                                                  / p_bucket.interval_us)::integer AS gone
              FROM unnest(p_bucket.hole_us, p_bucket.hole_count) AS u (first, many)) h
        WHERE h.gone < h.many;
    END IF;
    p_bucket.next_us := GREATEST(p_bucket.next_us, p_now);
    RETURN p_bucket;
END
$$;

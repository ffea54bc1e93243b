-- Note how many mails of a worker were answered how quickly since it told last: by
-- the bounds of REPLY_BOUNDS (core/metrics.py), and the seconds of all together.
-- Appends only, as note_latency does.
CREATE FUNCTION note_answers(p_counts bigint[], p_seconds double precision) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO latency_delta (kind, bucket, count, seconds)
    SELECT 'reply', place - 1, count,
           CASE row_number() OVER (ORDER BY place) WHEN 1 THEN p_seconds ELSE 0 END
    FROM unnest(p_counts) WITH ORDINALITY AS told (count, place) WHERE count > 0
$$;

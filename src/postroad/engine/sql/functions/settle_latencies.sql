-- Sum up what note_latency and note_answers appended. Returns how many rows went.
-- Lock: the advisory one of settle_counts, held by the caller.
CREATE FUNCTION settle_latencies() RETURNS integer
LANGUAGE sql AS $$
    WITH gone AS (
        DELETE FROM latency_delta RETURNING kind, bucket, count, seconds
    ), summed AS (
        INSERT INTO latency_total AS t (kind, bucket, count, seconds)
        SELECT kind, bucket, sum(count), sum(seconds) FROM gone GROUP BY kind, bucket
        ON CONFLICT (kind, bucket) DO UPDATE
        SET count = t.count + excluded.count, seconds = t.seconds + excluded.seconds)
    SELECT count(*)::integer FROM gone
$$;

-- How long ago the queues were counted, null when never.
SELECT CASE WHEN at > '-infinity' THEN extract(epoch FROM now() - at) END::float8 AS seconds
FROM queue_count

-- The queues by stage and lane as the scheduler counted them last, and how long ago.
-- A few rows whatever waits.
SELECT f.*, extract(epoch FROM now() - f.oldest_due_at)::float8 AS oldest_due_seconds
FROM queue_figure f
ORDER BY array_position(ARRAY['prepare', 'dispatch', 'purge'], f.stage), f.lane

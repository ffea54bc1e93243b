-- Everything that metrics tell, as one row of JSON: few rows of small tables,
-- whatever is in the queues and the journal.
SELECT jsonb_build_object(
    'queues', (SELECT coalesce(jsonb_agg(to_jsonb(f) || jsonb_build_object(
                   'oldest_due_seconds', extract(epoch FROM now() - f.oldest_due_at))), '[]')
               FROM queue_figure f),
    'age_seconds', (SELECT CASE WHEN at > '-infinity' THEN extract(epoch FROM now() - at) END
                    FROM queue_count),
    'outcomes', (SELECT coalesce(jsonb_agg(to_jsonb(o) ORDER BY fact, class), '[]') FROM outcome_total o),
    'latencies', (SELECT coalesce(jsonb_agg(to_jsonb(l) ORDER BY kind, bucket), '[]') FROM latency_total l),
    'broker', (SELECT coalesce(jsonb_object_agg(name, waiting), '{}') FROM broker_queue
               WHERE at > now() - interval '1 minute'),
    'runs', (SELECT coalesce(jsonb_object_agg(state, count), '{}') FROM (
             SELECT state, count(*) FROM run WHERE state NOT IN ('finished', 'stopped')
             GROUP BY state) r),
    'workers', (SELECT jsonb_build_object(
                    'alive', count(*) FILTER (WHERE alive_until > now() AND NOT is_draining),
                    'draining', count(*) FILTER (WHERE alive_until > now() AND is_draining),
                    'silent', count(*) FILTER (WHERE alive_until <= now()
                                                AND alive_until > now() - interval '1 day'))
                FROM worker WHERE ended_at IS NULL),
    'in_flight', (SELECT coalesce(sum(in_flight), 0) FROM worker
                  WHERE ended_at IS NULL AND alive_until > now()),
    'relays_stopped', (SELECT count(*) FROM relay_health WHERE stopped_at IS NOT NULL),
    'alarms', (SELECT coalesce(jsonb_object_agg(kind, count), '{}') FROM (
               SELECT kind, count(*) FROM list_alarms() GROUP BY kind) a),
    'feeds', (SELECT coalesce(jsonb_object_agg(name, greatest(0,
                  coalesce((SELECT max(id) FROM journal), 0) - journal_id)), '{}')
              FROM feed_position),
    'suppressions', (SELECT greatest(0, reltuples)::bigint FROM pg_class
                     WHERE oid = 'suppression'::regclass))::text AS told

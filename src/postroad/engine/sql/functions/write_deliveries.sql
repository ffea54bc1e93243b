-- The second half of P1: number the chosen by lane and zone, cut them into
-- batches and write deliveries, states and batches, one statement each.
CREATE FUNCTION write_deliveries(p_run run) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    CREATE TEMP TABLE numbered ON COMMIT DROP AS
    SELECT c.*, row_number() OVER (ORDER BY c.lane, c.zone, c.place) AS n,
           (row_number() OVER (PARTITION BY c.lane, c.zone ORDER BY c.place) - 1) / p_run.batch_size AS part,
           (row_number() OVER (PARTITION BY c.lane, c.zone ORDER BY c.place) - 1) % p_run.batch_size AS index
    FROM (SELECT h.*, coalesce(l.lane, 'other') AS lane FROM chosen h
          LEFT JOIN lane_domain l ON l.domain = split_part(h.address_key, '@', 2)
          WHERE h.reason IS NULL) c;
    CREATE TEMP TABLE parted ON COMMIT DROP AS
    SELECT nextval(pg_get_serial_sequence('batch', 'id')) AS batch_id, p.*
    FROM (SELECT lane, zone, part, array_agg(n::integer ORDER BY index) AS item_n,
                 array_agg(index::smallint ORDER BY index) AS item_index
          FROM numbered GROUP BY lane, zone, part ORDER BY lane, zone, part) p;
    INSERT INTO batch (id, run_id, lane, zone, stage, priority, due_at,
                       item_n, item_attempt, item_source, item_index)
    OVERRIDING SYSTEM VALUE
    SELECT batch_id, p_run.id, lane, zone, 'prepare', p_run.priority, now(), item_n,
           array_fill(1::smallint, ARRAY[cardinality(item_n)]),
           array_fill(batch_id, ARRAY[cardinality(item_n)]), item_index
    FROM parted;
    INSERT INTO delivery (run_id, n, contact_key, address, hash, name, data, lane, zone,
                          batch_id, index, token, message_id)
    SELECT p_run.id, u.n, u.contact_key, u.address, u.hash, coalesce(u.name, ''),
           coalesce(u.data, '{}'), u.lane, u.zone, p.batch_id, u.index,
           uuid_send(gen_random_uuid()),
           replace(gen_random_uuid()::text, '-', '') || '@' || split_part(p_run.sender_address, '@', 2)
    FROM numbered u JOIN parted p ON p.lane = u.lane AND p.zone = u.zone AND p.part = u.part;
    INSERT INTO delivery_state (run_id, n) SELECT p_run.id, n FROM numbered;
    DROP TABLE chosen, numbered, parted;
END
$$;

-- Count the queues anew into queue_figure, once a second at most and so seldom
-- that it takes a twentieth of the time: its cost grows with the batches that
-- wait. Returns whether it was done.
-- Lock: the row of queue_count, skipped where another counts.
CREATE FUNCTION count_queues() RETURNS boolean
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    v_began timestamptz := clock_timestamp();
BEGIN
    PERFORM 1 FROM queue_count
    WHERE at <= now() - make_interval(secs => GREATEST(1.0, took_ms / 50))
    FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    WITH counted AS MATERIALIZED (
        SELECT * FROM look_at_queues()
    ), gone AS (
        DELETE FROM queue_figure f
        WHERE NOT EXISTS (SELECT FROM counted c WHERE c.stage = f.stage AND c.lane = f.lane))
    INSERT INTO queue_figure SELECT * FROM counted
    ON CONFLICT (stage, lane) DO UPDATE
    SET waiting_batches = excluded.waiting_batches, waiting_mails = excluded.waiting_mails,
        retries = excluded.retries, due_batches = excluded.due_batches,
        due_mails = excluded.due_mails, rung_batches = excluded.rung_batches,
        owned_batches = excluded.owned_batches, owned_mails = excluded.owned_mails,
        sending = excluded.sending, next_due_at = excluded.next_due_at,
        oldest_due_at = excluded.oldest_due_at
    WHERE queue_figure IS DISTINCT FROM excluded;
    UPDATE queue_count
    SET at = now(), took_ms = extract(epoch FROM clock_timestamp() - v_began) * 1000;
    RETURN true;
END
$$;

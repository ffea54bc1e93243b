-- Take or keep the turn at publishing the journal. Returns the numbers between
-- which rows are to be published, (after, upto]; NULLs when another worker has
-- the turn. A feed that is new begins with what is written from now on.
--
-- Numbers are given before they are committed, so that 7 may be seen before 6.
-- `upto` is a number below which none can appear any more: the newest that was
-- seen, once every transaction that wrote to the journal then has ended.
CREATE FUNCTION claim_feed(p_name text, p_worker uuid, p_lease double precision,
                           OUT after bigint, OUT upto bigint)
LANGUAGE plpgsql AS $$
DECLARE
    v_feed feed_position%ROWTYPE;
    v_newest bigint;
    v_writers text[];
BEGIN
    -- Before the writers are listed: one that ends between the two is seen later.
    SELECT coalesce(max(id), 0) INTO v_newest FROM journal;
    v_writers := journal_writers();
    INSERT INTO feed_position (name, journal_id, safe_id, horizon_id)
    VALUES (p_name, v_newest, v_newest, v_newest) ON CONFLICT DO NOTHING;
    SELECT * INTO v_feed FROM feed_position
    WHERE name = p_name AND (owner = p_worker OR owner IS NULL OR lease_until < now())
    FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF v_writers = '{}' THEN
        v_feed.safe_id := greatest(v_feed.safe_id, v_newest);
    ELSIF NOT v_feed.horizon_locks && v_writers THEN
        v_feed.safe_id := greatest(v_feed.safe_id, v_feed.horizon_id);
    END IF;
    IF v_feed.safe_id >= v_feed.horizon_id THEN
        v_feed.horizon_id := v_newest;
        v_feed.horizon_locks := v_writers;
    END IF;
    -- Nothing is written by a turn that finds nothing new, but for the lease's sake.
    UPDATE feed_position SET owner = p_worker, lease_until = now() + make_interval(secs => p_lease),
           safe_id = v_feed.safe_id, horizon_id = v_feed.horizon_id, horizon_locks = v_feed.horizon_locks
    WHERE name = p_name
      AND (owner IS DISTINCT FROM p_worker OR safe_id <> v_feed.safe_id OR horizon_id <> v_feed.horizon_id
           OR horizon_locks <> v_feed.horizon_locks
           OR lease_until < now() + make_interval(secs => p_lease / 2));
    after := v_feed.journal_id;
    upto := v_feed.safe_id;
END
$$;

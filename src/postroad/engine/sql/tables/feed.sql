-- How far the journal has been published, by the name of the feed. One worker
-- at a time has the turn, for as long as its lease lives (claim_feed).
CREATE TABLE feed_position (
    name          text PRIMARY KEY,
    journal_id    bigint NOT NULL,          -- every row up to here is published
    safe_id       bigint NOT NULL,          -- no row up to here can appear any more
    horizon_id    bigint NOT NULL,          -- safe once these transactions have ended
    horizon_locks text[] NOT NULL DEFAULT '{}',
    owner         uuid,
    lease_until   timestamptz NOT NULL DEFAULT '-infinity'
);

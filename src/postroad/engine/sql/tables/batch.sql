-- The unit of transport: up to 100 deliveries of one run, lane and time zone.
-- This table is the queue; a doorbell only says that a row is due.
CREATE TABLE batch (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id       bigint NOT NULL REFERENCES run ON DELETE CASCADE,
    lane         text NOT NULL,
    relay_id     bigint,               -- chosen at the claim for dispatch
    zone         text NOT NULL DEFAULT '',
    -- purge: taken out of its queue for good, its mails not yet recorded as purged
    stage        text NOT NULL CHECK (stage IN ('prepare', 'dispatch', 'purge', 'done')),
    priority     smallint NOT NULL DEFAULT 0,
    due_at       timestamptz,                          -- null = not released
    until        timestamptz NOT NULL DEFAULT 'infinity',
    is_retry     boolean NOT NULL DEFAULT false,
    -- items, four arrays of one length; position k (from 1) is item k
    item_n       integer[] NOT NULL,
    item_attempt smallint[] NOT NULL,
    item_source  bigint[] NOT NULL,    -- the batch of P1, where the bytes lie
    item_index   smallint[] NOT NULL,
    owner        uuid,
    claim        integer NOT NULL DEFAULT 0,           -- takings; the fence
    started_upto smallint NOT NULL DEFAULT 0,          -- positions <= this may have begun
    answered     smallint NOT NULL DEFAULT 0,          -- of these, how many have an outcome
    rung_at      timestamptz
) WITH (fillfactor = 70);
CREATE INDEX batch_due ON batch (run_id, stage, due_at)
    WHERE owner IS NULL AND stage <> 'done' AND due_at IS NOT NULL;
-- For claims while a lane is blocked by a limit: the others are found at once.
CREATE INDEX batch_lane_due ON batch (run_id, stage, lane, due_at)
    WHERE owner IS NULL AND stage <> 'done' AND due_at IS NOT NULL;
CREATE INDEX batch_open ON batch (run_id, stage) WHERE stage <> 'done';
CREATE INDEX batch_purge ON batch (id) WHERE stage = 'purge';
CREATE INDEX batch_overdue ON batch (until) WHERE stage <> 'done' AND until < 'infinity';
-- Rung ahead: few, and none while the database itself is the doorbell.
CREATE INDEX batch_rung ON batch (stage, rung_at) WHERE owner IS NULL AND rung_at IS NOT NULL;
CREATE INDEX batch_owned ON batch (owner) WHERE owner IS NOT NULL;

-- The mails of a batch, rendered once: the variable part of each, one zstd
-- frame a batch. The static tail (attachments) lies with the content revision.
CREATE TABLE prepared (
    batch_id    bigint PRIMARY KEY REFERENCES batch ON DELETE CASCADE,
    run_id      bigint NOT NULL,
    prepared_at timestamptz NOT NULL DEFAULT now(),
    worker      uuid,
    body        bytea NOT NULL,              -- zstd of the heads, one after the other
    item_offset integer[] NOT NULL,          -- by index, octets into the plain body; -1 = none
    item_length integer[] NOT NULL,          -- octets of the head
    item_size   integer[] NOT NULL,          -- octets of the whole mail
    item_sha256 bytea[] NOT NULL             -- of the whole mail, Date and DKIM apart
);
CREATE INDEX prepared_of_run ON prepared (run_id);

-- A later attempt of one delivery that waits for its time.
CREATE TABLE retry (
    run_id  bigint NOT NULL REFERENCES run ON DELETE CASCADE,
    n       integer NOT NULL,
    attempt smallint NOT NULL,      -- the one that will be made
    due_at  timestamptz NOT NULL,
    source  bigint NOT NULL,
    index   smallint NOT NULL,
    lane    text NOT NULL,
    zone    text NOT NULL DEFAULT '',
    PRIMARY KEY (run_id, n, attempt)
);
CREATE INDEX retry_due ON retry (due_at);

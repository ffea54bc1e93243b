-- One e-mail of one run to one recipient. Written once, by select.
CREATE TABLE delivery (
    run_id      bigint NOT NULL REFERENCES run ON DELETE CASCADE,
    n           integer NOT NULL,
    contact_key text NOT NULL,           -- the source's key of the person
    address     text NOT NULL,           -- as it will be written to
    hash        bytea NOT NULL,          -- sha256 of the normalised address
    name        text NOT NULL DEFAULT '',
    data        jsonb NOT NULL DEFAULT '{}',   -- variables, frozen
    lane        text NOT NULL,
    zone        text NOT NULL DEFAULT '',
    batch_id    bigint NOT NULL,
    index       smallint NOT NULL,       -- position in that batch
    token       bytea NOT NULL,          -- 16 octets, of the unsubscribe link
    message_id  text NOT NULL,           -- without angle brackets
    PRIMARY KEY (run_id, n)
);
CREATE INDEX delivery_by_person ON delivery (hash, run_id);

-- The fold of a delivery's facts (P9). Narrow; no index beyond the key, so
-- that every update stays on its page.
CREATE TABLE delivery_state (
    run_id  bigint NOT NULL,
    n       integer NOT NULL,
    attempt smallint NOT NULL DEFAULT 0,   -- the highest that has a fact
    state   text NOT NULL DEFAULT 'selected'
        CONSTRAINT delivery_state_known CHECK (state IN (
            'delivered', 'accepted', 'bounced', 'complained', 'rejected',
            'failed', 'dead', 'unknown', 'held', 'skipped', 'suppressed',
            'purged', 'deferred', 'prepared', 'selected')),
    fact    text NOT NULL DEFAULT 'selected',   -- the deciding one
    PRIMARY KEY (run_id, n)
) WITH (fillfactor = 70);

-- Those whom the routine returned and who were left out, with the reason.
CREATE TABLE omission (
    run_id      bigint NOT NULL REFERENCES run ON DELETE CASCADE,
    position    integer NOT NULL,
    contact_key text NOT NULL,
    address     text NOT NULL,
    name        text NOT NULL DEFAULT '',
    reason      text NOT NULL CHECK (reason IN ('no_address', 'duplicate', 'suppressed')),
    PRIMARY KEY (run_id, position)
);
CREATE INDEX omission_by_address ON omission (lower(address));

-- A worker's lease is its heartbeat (P7).
CREATE TABLE worker (
    id          uuid PRIMARY KEY,
    host        text NOT NULL,
    pid         integer NOT NULL,
    version     text NOT NULL,
    stages      text[] NOT NULL,
    started_at  timestamptz NOT NULL DEFAULT now(),
    beat_at     timestamptz NOT NULL DEFAULT now(),
    alive_until timestamptz NOT NULL,
    is_draining boolean NOT NULL DEFAULT false,
    ended_at    timestamptz,
    in_flight   integer NOT NULL DEFAULT 0,
    done        bigint NOT NULL DEFAULT 0,
    rate        real NOT NULL DEFAULT 0,       -- mails a second between its last two heartbeats
    heard_drain boolean NOT NULL DEFAULT false -- a heartbeat has told it: no way back
);

-- Limits as tokens. A token names the moment its mail may begin; the next
-- free moment of a bucket is `next_at`, moments are `interval_us` apart.
CREATE TABLE bucket (
    kind        text NOT NULL CHECK (kind IN ('relay', 'lane', 'campaign')),
    key         text NOT NULL,
    interval_us bigint NOT NULL,        -- 0 = no rate limit
    per_day     integer,                -- in any 24 hours
    next_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (kind, key)
);
CREATE TABLE bucket_hour (
    kind text NOT NULL,
    key  text NOT NULL,
    hour timestamptz NOT NULL,
    used integer NOT NULL,
    PRIMARY KEY (kind, key, hour)
);

-- A relay that is out of use for now: account refused, certificate bad, down.
CREATE TABLE relay_health (
    relay_id   bigint PRIMARY KEY,
    stopped_at timestamptz,             -- null = in use
    retry_at   timestamptz,             -- tried again by itself; null = a person must act
    reason     text NOT NULL DEFAULT '',
    changed_at timestamptz NOT NULL DEFAULT now()
);

-- Addresses never written to. The hash outlives an erased address.
CREATE TABLE suppression (
    hash       bytea PRIMARY KEY,       -- sha256 of the normalised address
    address    text,
    reason     text NOT NULL,           -- manager, unsubscribed, complained, bounced, imported
    scope      text NOT NULL DEFAULT 'all',
    note       text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX suppression_recent ON suppression (created_at DESC, hash);

-- Which provider group a recipient domain belongs to; all others: 'other'.
CREATE TABLE lane_domain (
    domain text PRIMARY KEY,
    lane   text NOT NULL
);

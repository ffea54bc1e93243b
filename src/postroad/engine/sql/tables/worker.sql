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
    heard_drain boolean NOT NULL DEFAULT false, -- a heartbeat has told it: no way back
    slot        text NOT NULL DEFAULT ''       -- its place in a supervisor; '' = started alone
);
-- Places whose worker was drained: who is started in one waits until it is deleted.
CREATE TABLE resting_slot (
    host  text NOT NULL,
    slot  text NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    PRIMARY KEY (host, slot)
);

-- Limits as tokens (core/limits.py). A token names the moment from which its
-- mail may begin; times in `_us` are microseconds since 1970.
CREATE TABLE bucket (
    kind          text NOT NULL CHECK (kind IN ('relay', 'lane', 'campaign', 'slow')),
    key           text NOT NULL,            -- 'slow': relay and lane, a space between
    per_minute    integer,                  -- as it was entered
    interval_us   bigint NOT NULL DEFAULT 0,    -- between two moments; 0 = no rate limit
    life_us       bigint NOT NULL DEFAULT 0,    -- for so long a token is good
    per_day       integer,                  -- in any 24 hours
    at_once       integer,                  -- begun without an outcome, over all workers
    ramp_first    integer,                  -- warm-up: so many on the first day,
    ramp_percent  integer,                  -- each day so much more,
    ramp_from     timestamptz,              -- since then, until per_day
    slow_from     integer,                  -- slowed down: the rate of before,
    slow_at       timestamptz,              -- since the last request, of
    slow_times    integer NOT NULL DEFAULT 0,   -- so many
    slow_reply    text NOT NULL DEFAULT '',
    next_us       bigint NOT NULL DEFAULT 0,    -- all moments from here on are free,
    hole_us       bigint[] NOT NULL DEFAULT '{}',   -- and before it hole_count[i] from
    hole_count    integer[] NOT NULL DEFAULT '{}',  -- hole_us[i] on
    blocked_until timestamptz NOT NULL DEFAULT '-infinity',   -- asking earlier is in vain
    PRIMARY KEY (kind, key)
);
-- Tokens spent by hour, for the limits by day. Of every limited relay.
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
    domain      text PRIMARY KEY,
    lane        text NOT NULL,
    promoted_at timestamptz             -- it was of the lane `other` until then
);

-- Replies that asked to slow down, until the scheduler's next turn.
CREATE TABLE slow_reply (
    relay_id bigint NOT NULL,
    lane     text NOT NULL,
    domain   text NOT NULL,
    reply    text NOT NULL
);

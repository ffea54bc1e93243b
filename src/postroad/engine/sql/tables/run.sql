-- One launch of a campaign with everything the engine needs pinned, so that
-- an edit of the campaign cannot change a run.
CREATE TABLE run (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id         bigint NOT NULL,
    state               text NOT NULL DEFAULT 'selecting'
        CONSTRAINT run_state_known CHECK (state IN (
            'selecting', 'preparing', 'ready', 'scheduled', 'running',
            'paused', 'held', 'finished', 'stopped')),
    state_before_hold   text,
    reason              text NOT NULL DEFAULT '',
    epoch               integer NOT NULL DEFAULT 1,
    -- pins
    routine             text NOT NULL,       -- schema-qualified, versioned
    audience_version_id bigint NOT NULL,
    revision_id         bigint NOT NULL,
    relay_id            bigint NOT NULL,
    is_personal         boolean NOT NULL,
    sender_name         text NOT NULL DEFAULT '',
    sender_address      text NOT NULL,
    reply_to            text NOT NULL DEFAULT '',
    postal_address      text NOT NULL DEFAULT '',
    public_url          text NOT NULL DEFAULT '',   -- of the unsubscribe pages
    submission_id       bigint REFERENCES submission,   -- of a run of one, submitted by an outsider
    -- policy
    priority            smallint NOT NULL DEFAULT 0,   -- 1 = urgent
    max_recipients      integer,                       -- refused at select above
    batch_size          smallint NOT NULL DEFAULT 100 CHECK (batch_size BETWEEN 1 AND 100),
    window_size         smallint NOT NULL DEFAULT 100 CHECK (window_size BETWEEN 1 AND 100),
    backoff_seconds     integer[] NOT NULL DEFAULT '{1800,3600,7200,14400,28800,43200}',
    give_up_seconds     integer NOT NULL DEFAULT 432000,
    failure_limit       integer,                       -- held above; select: 10 or 1 %
    -- what becomes of an unknown by itself: nothing, it is sent again, or the relay's
    -- look-up is asked; so often at most is one mail sent again without a person
    unknown_policy      text NOT NULL DEFAULT 'hold'
        CONSTRAINT run_unknown_policy_known CHECK (unknown_policy IN ('hold', 'resend', 'look_up')),
    resend_limit        smallint NOT NULL DEFAULT 1
        CONSTRAINT run_resend_limit_bounded CHECK (resend_limit BETWEEN 1 AND 5),
    -- progress
    recipients          integer NOT NULL DEFAULT 0,
    launch_zone         text NOT NULL DEFAULT 'UTC',
    release_at          timestamptz,
    owner               uuid,
    claim               integer NOT NULL DEFAULT 0,
    created_at          timestamptz NOT NULL DEFAULT now(),
    selected_at         timestamptz,
    ready_at            timestamptz,
    started_at          timestamptz,
    finished_at         timestamptz,
    recounted_at        timestamptz
);
-- Verify pressed twice is one run (P1). Runs of one stand beside it.
CREATE UNIQUE INDEX run_one_verified ON run (campaign_id)
    WHERE state IN ('selecting', 'preparing', 'ready', 'scheduled') AND submission_id IS NULL;
CREATE UNIQUE INDEX run_of_submission ON run (submission_id) WHERE submission_id IS NOT NULL;
CREATE INDEX run_live ON run (state) WHERE state NOT IN ('finished', 'stopped');
CREATE INDEX run_of_campaign ON run (campaign_id, id);

-- The relays of a run, pinned: of 10 batches a relay gets so many as its weight
-- is of the sum; weight 0 is a reserve, for when every other is out of use.
CREATE TABLE run_relay (
    run_id   bigint NOT NULL REFERENCES run ON DELETE CASCADE,
    relay_id bigint NOT NULL,
    weight   smallint NOT NULL CHECK (weight >= 0),
    PRIMARY KEY (run_id, relay_id)
);

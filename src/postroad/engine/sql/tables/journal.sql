-- Append-only record of what happened; the truth behind every counter. One
-- partition a month, made ahead by keep_journal_months; journal_rest takes what no
-- month is there for, so that a fact is never refused, and that is an alarm.
-- The month is that of recording, by the database's clock: a fact may come late.
-- `id` is unique and in order of writing over all partitions.
CREATE SEQUENCE journal_id_seq;
CREATE TABLE journal (
    id       bigint NOT NULL DEFAULT nextval('journal_id_seq'),
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    run_id   bigint,
    n        integer,               -- null: about the run or the product
    attempt  smallint,
    batch_id bigint,
    kind     text NOT NULL,         -- a fact, an act of the queue, an act of the manager
    actor    text NOT NULL,         -- 'manager', 'program', 'worker <id>'
    relay_id bigint,
    code     smallint,              -- SMTP reply code
    enhanced text,                  -- RFC 3463
    phase    text,                  -- where in the dialogue
    text     text NOT NULL DEFAULT '',   -- the reply as it came, or what was done
    dialogue text,                  -- replies of the attempt, 'phase reply' a line
    detail   jsonb,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, recorded_at)
) PARTITION BY RANGE (recorded_at);
ALTER SEQUENCE journal_id_seq OWNED BY journal.id;
CREATE INDEX journal_of_delivery ON journal (run_id, n, id);
CREATE INDEX journal_of_product ON journal (recorded_at) WHERE run_id IS NULL;  -- of no run: few
CREATE TABLE journal_rest PARTITION OF journal DEFAULT;

-- Counters of a run, appended with the fold and summed when read.
CREATE TABLE count_delta (
    run_id bigint NOT NULL,
    state  text NOT NULL,
    change integer NOT NULL,
    is_sum boolean NOT NULL DEFAULT false,  -- of deltas that settle_counts has seen
    lane   text NOT NULL DEFAULT ''         -- of the batch that came to it, '' outside any
);
CREATE INDEX count_delta_of_run ON count_delta (run_id);
CREATE INDEX count_delta_fresh ON count_delta (run_id) WHERE NOT is_sum;

-- Replies other than 250 by class, summed likewise.
CREATE TABLE reply_delta (
    run_id   bigint NOT NULL,
    fact     text NOT NULL,
    code     smallint,
    enhanced text,
    text     text NOT NULL,      -- the first reply seen of its class
    lane     text NOT NULL DEFAULT '',
    change   integer NOT NULL,
    is_sum   boolean NOT NULL DEFAULT false
);
CREATE INDEX reply_delta_of_run ON reply_delta (run_id);
CREATE INDEX reply_delta_fresh ON reply_delta (run_id) WHERE NOT is_sum;

-- Deliveries that want a look: failed, rejected, dead, unknown, held.
-- Kept by the fold, so that lists of them never scan the deliveries.
CREATE TABLE attention (
    run_id      bigint NOT NULL,
    n           integer NOT NULL,
    state       text NOT NULL,
    mark        text,               -- settled, discarded
    cause       text NOT NULL,      -- groups alike: '552 5.3.4', 'no reply', 'variable company'
    text        text NOT NULL,      -- the reply or fault as it came
    since       timestamptz NOT NULL DEFAULT now(),
    requeued_at timestamptz,        -- a retry waits
    policy      text,               -- of an unknown that no person is needed for yet: its run's
    asked_at    timestamptz,        -- a worker asks the look-up about it
    PRIMARY KEY (run_id, n)
);
CREATE INDEX attention_policy ON attention (policy, since) WHERE policy IS NOT NULL;
CREATE INDEX attention_by_state ON attention (state, run_id, n);

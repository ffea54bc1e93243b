-- The queues in figures, a row a stage and lane, counted anew by the scheduler
-- (count_queues): pages and metrics read these few rows at any number of mails.
CREATE TABLE queue_figure (
    stage           text NOT NULL,
    lane            text NOT NULL,
    waiting_batches integer NOT NULL,   -- unowned, of live runs, due or not
    waiting_mails   bigint NOT NULL,    -- with the waiting retries, at dispatch
    retries         bigint NOT NULL,    -- of these, the waiting retries
    due_batches     integer NOT NULL,   -- a worker may claim them now
    due_mails       bigint NOT NULL,
    rung_batches    integer NOT NULL,   -- told to the doorbell and not claimed yet
    owned_batches   integer NOT NULL,
    owned_mails     bigint NOT NULL,    -- not answered yet
    sending         bigint NOT NULL,    -- begun without an outcome
    next_due_at     timestamptz,        -- of what is not due yet
    oldest_due_at   timestamptz,        -- of what is due
    PRIMARY KEY (stage, lane)
) WITH (fillfactor = 50);

-- When that was last done and how long it took: it is done less often where it costs more.
CREATE TABLE queue_count (
    is_only bool PRIMARY KEY DEFAULT true CHECK (is_only),
    at      timestamptz NOT NULL,
    took_ms double precision NOT NULL
) WITH (fillfactor = 50);
INSERT INTO queue_count (at, took_ms) VALUES ('-infinity', 0);

-- How many references waited in each of the broker's queues, as a worker last read
-- it there. No rows without a broker.
CREATE TABLE broker_queue (
    name    text PRIMARY KEY,   -- dispatch, dispatch.urgent and so on
    waiting bigint NOT NULL,
    at      timestamptz NOT NULL
) WITH (fillfactor = 50);

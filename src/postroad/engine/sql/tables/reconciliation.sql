-- The program looks all the time whether recipients, states, counters, journal, retries
-- and batches agree: where it is in each run. A row goes a week after its run has ended.
CREATE TABLE reconciliation (
    run_id   bigint PRIMARY KEY REFERENCES run ON DELETE CASCADE,
    next_at  timestamptz NOT NULL DEFAULT now(),
    upto     integer NOT NULL DEFAULT 0,      -- recipients looked at in this round
    differed text[] NOT NULL DEFAULT '{}',    -- kinds of alarm that this round has raised
    rounds   integer NOT NULL DEFAULT 0,
    round_at timestamptz                      -- when the last round ended
) WITH (fillfactor = 50);
CREATE INDEX reconciliation_due ON reconciliation (next_at);
CREATE INDEX run_ended ON run (finished_at) WHERE finished_at IS NOT NULL;

-- When the last bite was taken and how long it took: it may take a twentieth of the time.
CREATE TABLE reconciliation_pace (
    is_only bool PRIMARY KEY DEFAULT true CHECK (is_only),
    at      timestamptz NOT NULL,
    took_ms double precision NOT NULL
) WITH (fillfactor = 50);
INSERT INTO reconciliation_pace (at, took_ms) VALUES ('-infinity', 0);

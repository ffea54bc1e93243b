-- How fast a run went: what came about in each span of time. A row a span with
-- anything in it, 240 spans at most: as a run grows older, they grow longer.
CREATE TABLE run_pace (
    run_id   bigint NOT NULL REFERENCES run ON DELETE CASCADE,
    at       timestamptz NOT NULL,       -- when the span began
    span_s   integer NOT NULL,           -- the same in all rows of a run
    prepared integer NOT NULL DEFAULT 0,
    accepted integer NOT NULL DEFAULT 0, -- taken by the relay, whatever came after
    deferred integer NOT NULL DEFAULT 0,
    refused  integer NOT NULL DEFAULT 0, -- rejected, dead
    unknown  integer NOT NULL DEFAULT 0,
    PRIMARY KEY (run_id, at)
);

-- Facts that decided a state since the installation, by class of reply (0 =
-- none): only ever growing, for metrics.
CREATE TABLE outcome_total (
    fact  text NOT NULL,
    class smallint NOT NULL,
    total bigint NOT NULL,
    PRIMARY KEY (fact, class)
) WITH (fillfactor = 50);

-- How long things took, in buckets (see note_latency): deltas as they come,
-- summed into the totals by the scheduler.
CREATE TABLE latency_delta (
    kind    text NOT NULL,
    bucket  smallint NOT NULL,
    count   bigint NOT NULL DEFAULT 1,
    seconds double precision NOT NULL
);
CREATE TABLE latency_total (
    kind    text NOT NULL,
    bucket  smallint NOT NULL,   -- 0 = up to the first bound, and so on
    count   bigint NOT NULL,
    seconds double precision NOT NULL,
    PRIMARY KEY (kind, bucket)
) WITH (fillfactor = 50);

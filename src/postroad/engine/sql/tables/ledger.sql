-- Which database this is: the one row gets another id with every restore, so
-- that a worker's ledger knows whether it tells of this database.
CREATE TABLE installation (
    id          uuid NOT NULL DEFAULT gen_random_uuid(),
    past        uuid[] NOT NULL DEFAULT '{}',    -- ids before a restore
    restored_at timestamptz
);
CREATE UNIQUE INDEX installation_is_one ON installation ((true));
INSERT INTO installation DEFAULT VALUES;

-- Tries that became unknown because their worker was lost. Its ledger, or the worker
-- itself where it was only cut off, may tell later which of them were never sent.
CREATE TABLE lost_try (
    worker  uuid NOT NULL,
    run_id  bigint NOT NULL REFERENCES run ON DELETE CASCADE,
    n       integer NOT NULL,
    attempt smallint NOT NULL,
    claim   integer NOT NULL,       -- of its batch, when it was begun
    lost_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX lost_try_of_worker ON lost_try (worker, run_id);
CREATE INDEX lost_try_old ON lost_try (lost_at);

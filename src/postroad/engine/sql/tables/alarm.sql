-- What must not be and is: one row while it lasts, journaled when it begins and
-- when it is over.
CREATE TABLE alarm (
    kind      text NOT NULL,        -- counts, journal, window, attention, retry, ledger, policy …
    key       text NOT NULL,        -- what it is about: a run, a batch, a worker
    run_id    bigint,
    text      text NOT NULL,
    raised_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (kind, key)
);

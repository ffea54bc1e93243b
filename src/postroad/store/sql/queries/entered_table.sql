-- People as they were entered, for the length of one transaction.
CREATE TEMPORARY TABLE entered (
    position    integer NOT NULL,
    address     text NOT NULL,
    address_key text NOT NULL,
    name        text NOT NULL,
    first_name  text NOT NULL,
    last_name   text NOT NULL,
    company     text NOT NULL,
    zone        text NOT NULL,
    attributes  jsonb NOT NULL,
    sort_key    text NOT NULL,
    tags        text[] NOT NULL
) ON COMMIT DROP

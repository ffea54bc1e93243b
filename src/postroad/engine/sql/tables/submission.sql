-- One recipient whom an outsider submitted for a campaign that the manager
-- opened for it. It becomes a run of one, which names it (run.submission_id).
CREATE TABLE submission (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id bigint NOT NULL,
    key         text NOT NULL,        -- the sender's id of it, once a campaign
    address     text NOT NULL,        -- as it will be written to
    address_key text NOT NULL,        -- normalised
    name        text NOT NULL DEFAULT '',
    data        jsonb NOT NULL DEFAULT '{}',
    at          timestamptz NOT NULL DEFAULT now(),
    UNIQUE (campaign_id, key)
);
CREATE INDEX submission_newest ON submission (campaign_id, id);

-- The rules of core/lifecycle.py, FACT_RULES; a test compares the two.
CREATE TABLE fact_rule (
    kind     text PRIMARY KEY,
    state    text NOT NULL,
    mark     text,
    over_all smallint NOT NULL,
    strength bigint NOT NULL      -- within one attempt, or over all
);
INSERT INTO fact_rule (kind, state, mark, over_all, strength)
SELECT kind, state, mark, over_all, over_all * (1::bigint << 40) + rank * 32 + 31 - position
FROM (VALUES
    (0,  'selected',       'selected',   NULL,        0, 0),
    (1,  'prepared',       'prepared',   NULL,        1, 0),
    (2,  'failed',         'failed',     NULL,        2, 0),
    (3,  'skipped',        'skipped',    NULL,        2, 0),
    (4,  'suppressed',     'suppressed', NULL,        2, 0),
    (5,  'purged',         'purged',     NULL,        2, 0),
    (6,  'held',           'held',       NULL,        2, 0),
    (7,  'unknown',        'unknown',    NULL,        3, 0),
    (8,  'not_begun',      'prepared',   NULL,        4, 0),
    (9,  'deferred',       'deferred',   NULL,        5, 0),
    (10, 'settled_sent',   'accepted',   'settled',   6, 0),
    (11, 'settled_resend', 'deferred',   'settled',   6, 0),
    (12, 'settled_drop',   'dead',       'discarded', 6, 0),
    (13, 'rejected',       'rejected',   NULL,        7, 0),
    (14, 'dead',           'dead',       NULL,        7, 0),
    (15, 'accepted',       'accepted',   NULL,        8, 1),
    (16, 'delivered',      'delivered',  NULL,        8, 2),
    (17, 'bounced',        'bounced',    NULL,        8, 3),
    (18, 'complained',     'complained', NULL,        8, 4)
) AS rule (position, kind, state, mark, rank, over_all);

-- The single figures of the dashboard. From a bound on, contacts are estimated.
WITH people AS (
    SELECT count(*) AS exact FROM (SELECT FROM contact LIMIT %(contacts)s) AS seen
)
SELECT
    CASE WHEN exact < %(contacts)s THEN exact
         ELSE greatest(exact, (SELECT reltuples::bigint FROM pg_class WHERE oid = 'contact'::regclass))
    END AS contacts,
    exact >= %(contacts)s AS is_estimate,
    (SELECT count(*) FROM campaign) AS campaigns,
    (SELECT count(*) FROM content) AS contents,
    (SELECT name FROM content ORDER BY id DESC LIMIT 1) AS content,
    (SELECT count(*) FROM run) AS runs,
    (SELECT count(DISTINCT cause) FROM attention
     WHERE state = 'dead' AND mark IS NULL AND requeued_at IS NULL) AS dead_causes,
    (SELECT coalesce(sum(cardinality(item_n)), 0) FROM batch WHERE stage = 'prepare') AS preparing,
    (SELECT coalesce(sum(cardinality(item_n)), 0) FROM batch WHERE stage = 'dispatch') AS dispatching,
    current_setting('server_version') AS server
FROM people

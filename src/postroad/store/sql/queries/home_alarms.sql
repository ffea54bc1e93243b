-- The alarms that stand, newest first, with the campaign and number of the run that it is
-- about; the journal has those beyond.
SELECT a.kind, a.key, a.run_id, a.text, a.raised_at, c.name AS campaign,
       (SELECT count(*) FROM run o WHERE o.campaign_id = r.campaign_id AND o.id <= r.id) AS number
FROM (SELECT * FROM list_alarms() LIMIT 8) a
LEFT JOIN run r ON r.id = a.run_id LEFT JOIN campaign c ON c.id = r.campaign_id
ORDER BY a.raised_at DESC, a.kind, a.key

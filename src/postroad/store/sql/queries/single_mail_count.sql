-- How many single mails a campaign has; no more than the limit are counted.
SELECT count(*) AS total
FROM (SELECT FROM submission WHERE campaign_id = %(campaign)s LIMIT %(limit)s) AS seen

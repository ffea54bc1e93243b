-- How many of those whom the routine returned were left out, by reason; bounded.
SELECT reason, count(*) AS count
FROM (SELECT reason FROM omission WHERE run_id = %(run)s LIMIT %(limit)s) AS seen
GROUP BY reason

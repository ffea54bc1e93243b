-- What became of the mails of the runs that started in the last 30 days.
SELECT d.state, sum(d.change) AS count
FROM run r JOIN count_delta d ON d.run_id = r.id
WHERE r.started_at > now() - interval '30 days'
GROUP BY d.state HAVING sum(d.change) <> 0

-- Replies other than 250 by class, the most frequent first, with the lanes they came from.
SELECT fact, code, coalesce(enhanced, '') AS enhanced, min(text) AS text,
       coalesce(string_agg(DISTINCT nullif(lane, ''), ', '), '') AS lanes, sum(change) AS count
FROM reply_delta WHERE run_id = %(run)s
GROUP BY fact, code, enhanced
ORDER BY sum(change) DESC, fact, code LIMIT 8

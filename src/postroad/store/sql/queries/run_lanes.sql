-- Provider lanes of a run: what is leased and in SMTP now, and the replies so far.
SELECT lane, sum(leased)::bigint AS leased, sum(sending)::bigint AS sending, sum(deferrals)::bigint AS deferrals,
       sum(rejections)::bigint AS rejections, sum(other)::bigint AS other
FROM (
    SELECT lane, sum(cardinality(item_n) - answered) AS leased, sum(started_upto - answered) AS sending,
           0 AS deferrals, 0 AS rejections, 0 AS other
    FROM batch WHERE owner IS NOT NULL AND run_id = %(run)s AND stage = 'dispatch' GROUP BY lane
    UNION ALL
    SELECT lane, 0, 0,
           coalesce(sum(change) FILTER (WHERE fact = 'deferred'), 0),
           coalesce(sum(change) FILTER (WHERE fact = 'rejected'), 0),
           coalesce(sum(change) FILTER (WHERE fact NOT IN ('deferred', 'rejected')), 0)
    FROM reply_delta WHERE run_id = %(run)s AND lane <> '' GROUP BY lane
) AS part
GROUP BY lane ORDER BY sum(leased) DESC, sum(deferrals + rejections) DESC, lane LIMIT 12

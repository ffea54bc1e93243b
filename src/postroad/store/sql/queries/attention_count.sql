-- How many open letters of a state there are, of one run or cause where asked for; ends at `limit`.
SELECT count(*) AS count, count(DISTINCT run_id) AS runs
FROM (SELECT run_id FROM attention
      WHERE state = %(state)s AND requeued_at IS NULL AND (mark IS NULL OR state = 'unknown')
        AND (%(run_id)s::bigint IS NULL OR run_id = %(run_id)s::bigint)
        AND (%(cause)s::text IS NULL OR cause = %(cause)s::text)
      LIMIT %(limit)s) AS seen

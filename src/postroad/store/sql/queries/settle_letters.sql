-- Each of these unknowns at its attempt, in one order; how each ended.
SELECT outcome, count(*) AS count
FROM (SELECT settle_unknown(l.run_id, l.n, l.attempt, %(how)s, %(patience)s, %(actor)s) AS outcome
      FROM unnest(%(runs)s::bigint[], %(numbers)s::integer[], %(attempts)s::integer[])
           AS l (run_id, n, attempt)
      ORDER BY l.run_id, l.n) AS done
GROUP BY outcome

-- How fast a run went: a row a span with anything in it, 240 spans at most.
SELECT at, span_s, prepared, accepted, deferred, refused, unknown
FROM run_pace WHERE run_id = %(run)s ORDER BY at

-- P11: go on where it was.
SELECT resume_run(%(run)s, %(actor)s) AS was

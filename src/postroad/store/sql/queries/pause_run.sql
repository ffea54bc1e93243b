-- P11: no further mail begins.
SELECT pause_run(%(run)s, %(actor)s) AS was

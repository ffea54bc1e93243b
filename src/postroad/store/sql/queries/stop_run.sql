-- P11: stop for good.
SELECT was, in_flight FROM stop_run(%(run)s, %(actor)s, %(reason)s)

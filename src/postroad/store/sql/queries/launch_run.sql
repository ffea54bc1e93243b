-- P3: launch a run whose row is locked.
SELECT was, state_after FROM launch_run(%(run)s, %(at)s::timestamptz, %(undo)s::float8, %(zone)s, %(actor)s)

-- Verify: make the run, or find the one that waits for launch.
SELECT run_id, is_new FROM make_run(%(pins)s::jsonb, %(actor)s)

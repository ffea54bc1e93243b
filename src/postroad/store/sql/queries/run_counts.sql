-- How many recipients of a run are in each state.
SELECT state, count FROM run_counts(%(run)s)

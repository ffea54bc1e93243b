-- Runs that are neither finished nor stopped, those that send first.
SELECT id FROM run WHERE state NOT IN ('finished', 'stopped')
ORDER BY state = 'running' DESC, state = 'selecting', id

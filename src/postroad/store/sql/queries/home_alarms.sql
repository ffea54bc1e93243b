-- The alarms that stand, newest first; the journal has those beyond.
SELECT kind, key, run_id, text, raised_at FROM list_alarms() LIMIT 8

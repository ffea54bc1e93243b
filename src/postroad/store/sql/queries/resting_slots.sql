-- Slots whose worker was drained, the longest resting first.
SELECT host, slot, since, actor FROM resting_slot ORDER BY since, host, slot LIMIT 100

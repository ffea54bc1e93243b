-- Lock a run's row; its state, and the database's time.
SELECT state, campaign_id, now() AS now FROM run WHERE id = %(run)s FOR NO KEY UPDATE

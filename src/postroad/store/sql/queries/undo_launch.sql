-- P3: take a launch back.
SELECT undo_launch(%(run)s, %(actor)s) AS is_undone

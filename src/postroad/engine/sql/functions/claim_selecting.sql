-- P1: become the owner of a run that waits to be selected, or whose selecting
-- worker fell silent. No row: nothing to select.
CREATE FUNCTION claim_selecting(p_worker uuid) RETURNS SETOF run
LANGUAGE sql AS $$
    UPDATE run SET owner = p_worker, claim = claim + 1
    WHERE id = (
        SELECT r.id FROM run r LEFT JOIN worker w ON w.id = r.owner
        WHERE r.state = 'selecting'
          AND (r.owner IS NULL OR w.id IS NULL OR w.alive_until < now())
        ORDER BY r.priority DESC, r.id LIMIT 1
        FOR NO KEY UPDATE OF r SKIP LOCKED)
    RETURNING *
$$;

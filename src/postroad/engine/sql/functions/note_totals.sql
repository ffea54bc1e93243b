-- Add what came about to the totals since the installation, see note_pace.
-- Lock: rows of outcome_total, in order.
CREATE FUNCTION note_totals(p_states jsonb, p_replies jsonb) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO outcome_total AS t (fact, class, total)
    SELECT fact, class, change FROM (
        -- Accepted comes with no reply row: its class is that of 250.
        SELECT 'accepted' AS fact, 2 AS class, coalesce(sum(value::bigint), 0) AS change
        FROM jsonb_each_text(p_states) WHERE key IN ('accepted', 'delivered', 'bounced', 'complained')
        UNION ALL
        SELECT key, 0, value::bigint FROM jsonb_each_text(p_states)
        WHERE key IN ('failed', 'skipped', 'suppressed', 'purged')
        UNION ALL
        SELECT fact, class, sum(change)
        FROM jsonb_to_recordset(p_replies) AS r (fact text, class smallint, change bigint)
        GROUP BY fact, class) AS fresh
    WHERE change > 0 ORDER BY fact, class
    ON CONFLICT (fact, class) DO UPDATE SET total = t.total + excluded.total
$$;

-- Retention: drop the oldest month of the journal that ended more than `p_months`
-- months ago, unless a live run was made before its end. One a call, journaled.
-- Returns its name; NULL when there is none, or when it could not be locked at
-- once: senders never wait for it longer than a fifth of a second.
CREATE FUNCTION drop_journal_month(p_months integer) RETURNS text
LANGUAGE plpgsql SET lock_timeout = '200ms' AS $$
DECLARE
    v_name text;
BEGIN
    SELECT c.relname INTO v_name
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'journal'::regclass AND c.relname ~ '^journal_\d{4}_\d{2}$'
      AND to_date(right(c.relname, 7), 'YYYY_MM') + make_interval(months => p_months + 1) <= now() AT TIME ZONE 'UTC'
      AND NOT EXISTS (SELECT FROM run WHERE state NOT IN ('finished', 'stopped')
                      AND created_at < to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month')
    ORDER BY c.relname LIMIT 1;
    IF v_name IS NULL THEN
        RETURN NULL;
    END IF;
    EXECUTE format('DROP TABLE %I', v_name);
    PERFORM journal_act('retention', 'program', 'The journal of ' || replace(right(v_name, 7), '_', '-')
                        || ' was dropped: it is kept for ' || p_months || ' months.');
    RETURN v_name;
EXCEPTION WHEN lock_not_available THEN
    RETURN NULL;
END
$$;

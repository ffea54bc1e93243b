-- The journal's partitions of this month and the `p_ahead` after it; made ahead, so
-- that no row ever goes where no month is. Rows that did go there are moved into
-- their month, and raise an alarm. Returns how many partitions were made.
-- Locks: an attached partition takes none that a writer or reader of the journal
-- waits for, but journal_rest's own for a moment.
CREATE FUNCTION keep_journal_months(p_ahead integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    v_month timestamptz;
    v_name text;
    v_stray bigint;
    v_made integer := 0;
BEGIN
    FOR v_month IN SELECT generate_series(date_trunc('month', now(), 'UTC'),
                                          date_trunc('month', now(), 'UTC') + make_interval(months => p_ahead),
                                          interval '1 month') LOOP
        v_month := date_trunc('month', v_month + interval '5 days', 'UTC');
        v_name := 'journal_' || to_char(v_month AT TIME ZONE 'UTC', 'YYYY_MM');
        CONTINUE WHEN to_regclass(v_name) IS NOT NULL;
        v_stray := make_journal_month(v_name, v_month, date_trunc('month', v_month + interval '35 days', 'UTC'));
        v_made := v_made + 1;
        IF v_stray > 0 AND v_month < now() - interval '1 minute' THEN
            PERFORM journal_act('alarm', 'program', v_stray || ' journal rows had no month of their own; they were '
                                || 'moved into ' || v_name || '. Nothing is lost.');
        END IF;
    END LOOP;
    IF EXISTS (SELECT FROM journal_rest) THEN
        PERFORM raise_alarm('journal', 'rest', NULL, 'Journal rows lie outside every month: the clock of the '
                            || 'database was set, or no worker has run for months. Nothing is lost.');
    ELSE
        PERFORM clear_alarm('journal', 'rest');
    END IF;
    RETURN v_made;
END
$$;

-- The last step of a restore, in its transaction: this is another database now, whose
-- past was another's too. Numbers of runs, batches and journal rows that were given
-- since the backup are never given again; its workers are gone; every live run waits
-- for a person. Returns how many runs do.
-- Lock: the run rows.
CREATE FUNCTION begin_after_restore(p_made_at text) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    v_held integer;
BEGIN
    UPDATE installation SET past = past || id, id = gen_random_uuid(), restored_at = now();
    PERFORM setval(pg_get_serial_sequence('run', 'id'), nextval(pg_get_serial_sequence('run', 'id')) + 1000000);
    PERFORM setval(pg_get_serial_sequence('batch', 'id'),
                   nextval(pg_get_serial_sequence('batch', 'id')) + 1000000000);
    PERFORM setval('journal_id_seq', nextval('journal_id_seq') + 1000000000);
    PERFORM keep_journal_months(2);
    PERFORM open_status();
    -- Reaped at once: what one of them had begun without an outcome is unknown.
    UPDATE worker SET alive_until = LEAST(alive_until, now() - interval '1 second') WHERE ended_at IS NULL;
    UPDATE run SET owner = NULL WHERE owner IS NOT NULL;
    v_held := hold_live_runs('The database was restored from a backup of ' || p_made_at || '.');
    PERFORM journal_act('restored', 'program', 'The database was restored from a backup of ' || p_made_at
                        || '; ' || v_held || ' live runs wait for a person.');
    RETURN v_held;
END
$$;

-- Make and attach one partition of the journal, with what journal_rest holds for
-- it. Returns how many rows that were. EXECUTE names the partition, nothing else.
CREATE FUNCTION make_journal_month(p_name text, p_from timestamptz, p_to timestamptz) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_moved bigint;
BEGIN
    EXECUTE format('CREATE TABLE %I (LIKE journal INCLUDING DEFAULTS INCLUDING CONSTRAINTS, '
                   || 'CHECK (recorded_at >= %L AND recorded_at < %L))', p_name, p_from, p_to);
    EXECUTE format('WITH gone AS (DELETE FROM journal_rest WHERE recorded_at >= $1 AND recorded_at < $2 RETURNING *)'
                   || ' INSERT INTO %I SELECT * FROM gone', p_name) USING p_from, p_to;
    GET DIAGNOSTICS v_moved = ROW_COUNT;
    EXECUTE format('ALTER TABLE journal ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', p_name, p_from, p_to);
    RETURN v_moved;
END
$$;

-- Run the audience's routine into the temporary table `chosen`, each row with
-- the reason it is left out, NULL for those who get the mail. For a run of one
-- its submission stands in the routine's place.
-- EXECUTE here names the pinned routine only; the text is not the manager's.
CREATE FUNCTION choose_recipients(p_run run) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_source text := CASE WHEN p_run.submission_id IS NULL THEN p_run.routine || '()'
                          ELSE format('submitted_recipient(%s)', p_run.submission_id) END;
BEGIN
    DROP TABLE IF EXISTS chosen;
    EXECUTE format($q$
        CREATE TEMP TABLE chosen ON COMMIT DROP AS
        SELECT a.*, CASE
                 WHEN coalesce(a.address, '') = '' OR a.address ~ '[\x01-\x1f\x7f]'
                      OR position('@' IN a.address) < 2 THEN 'no_address'
                 WHEN row_number() OVER (PARTITION BY a.hash ORDER BY a.place) > 1 THEN 'duplicate'
                 WHEN u.hash IS NOT NULL THEN 'suppressed' END AS reason
        FROM (SELECT r.*, row_number() OVER () AS place,
                     sha256(convert_to(coalesce(r.address_key, ''), 'UTF8')) AS hash
              FROM %s r) a
        LEFT JOIN suppression u ON u.hash = a.hash
    $q$, v_source);
END
$$;

-- How a dead worker's ledger stands to this database (P12): 'current'; 'past',
-- written before a restore; 'foreign', of another database; 'newer', when the
-- database is older than the ledger: it does not know of a mail that the ledger
-- tells of. A newer one holds all live runs, as a restore does.
--
-- p_dots: a JSON array of {run, batch, claim, place}.
CREATE FUNCTION judge_ledger(p_worker uuid, p_installation uuid, p_dots jsonb) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_here installation;
BEGIN
    SELECT * INTO v_here FROM installation;
    IF p_installation = ANY (v_here.past) THEN
        RETURN 'past';
    ELSIF p_installation <> v_here.id THEN
        RETURN 'foreign';
    END IF;
    -- A dot is sent only below a mark that was committed before.
    IF NOT EXISTS (
        SELECT FROM jsonb_to_recordset(p_dots) AS d (run bigint, batch bigint, claim integer, place integer)
        LEFT JOIN run r ON r.id = d.run
        LEFT JOIN batch b ON b.id = d.batch
        WHERE r.id IS NULL
           OR (b.id IS NULL AND r.state NOT IN ('finished', 'stopped'))
           OR b.claim < d.claim OR (b.claim = d.claim AND b.started_upto < d.place)) THEN
        RETURN 'current';
    END IF;
    PERFORM hold_live_runs('The ledger of worker ' || left(p_worker::text, 8) || ' tells of mails that this '
        || 'database does not know: it is older than the ledger, as after a restore.');
    RETURN 'newer';
END
$$;

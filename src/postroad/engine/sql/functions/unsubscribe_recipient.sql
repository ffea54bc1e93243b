-- A recipient asked, by the link in a mail, not to be written to any more.
-- That wish outweighs every reason on the list but a complaint, so that
-- nobody releases the address without being warned. Journaled against the
-- mail, once. True when the address was not unsubscribed before.
CREATE FUNCTION unsubscribe_recipient(p_run bigint, p_n integer) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_mail delivery;
BEGIN
    SELECT * INTO v_mail FROM delivery WHERE run_id = p_run AND n = p_n;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF NOT suppress_address(v_mail.hash, v_mail.address, 'unsubscribed') THEN
        UPDATE suppression SET reason = 'unsubscribed'
        WHERE hash = v_mail.hash AND reason NOT IN ('unsubscribed', 'complained');
        IF NOT FOUND THEN
            RETURN false;
        END IF;
    END IF;
    INSERT INTO journal (run_id, n, kind, actor, text)
    VALUES (p_run, p_n, 'unsubscribed', 'recipient', 'Unsubscribed by the link in this mail.');
    RETURN true;
END
$$;

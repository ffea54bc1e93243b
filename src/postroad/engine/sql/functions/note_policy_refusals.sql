-- Mails of a run that a relay refused by its policy (5.7.x, RFC 3463): whoever goes on
-- writes to more and more people who refuse. An alarm while the run goes on and for a day
-- after; no address is suppressed for it.
CREATE FUNCTION note_policy_refusals(p_run run) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_mails bigint;
    v_reply text;
BEGIN
    SELECT sum(change), min(text) INTO v_mails, v_reply FROM reply_delta
    WHERE run_id = p_run.id AND fact IN ('rejected', 'dead') AND enhanced LIKE '5.7.%';
    IF v_mails > 0 AND coalesce(p_run.finished_at, now()) > now() - interval '1 day' THEN
        PERFORM raise_alarm('policy', 'run ' || p_run.id, p_run.id,
                            CASE v_mails WHEN 1 THEN '1 mail was' ELSE v_mails || ' mails were' END
                            || ' refused by policy (' || v_reply || '). No address was suppressed: look at the '
                            || 'sender''s sign-in, reputation and letter before more go out.');
    ELSE
        PERFORM clear_alarm('policy', 'run ' || p_run.id);
    END IF;
END
$$;

-- P5 (d): tokens for `p_want` mails from the buckets of relay, lane and
-- campaign, locked in that order. The k-th mail begins no earlier than
-- first_in + k * step_s seconds from now, k from 0: the latest first moment
-- and the widest step of all buckets. A stopped relay has none.
CREATE FUNCTION take_window_tokens(p_batch batch, p_want integer,
    OUT granted integer, OUT first_in double precision, OUT step_s double precision)
LANGUAGE plpgsql AS $$
DECLARE
    v_run run%ROWTYPE;
    v_retry_at timestamptz;
    v_bucket record;
    v_first timestamptz := clock_timestamp();
BEGIN
    granted := p_want; first_in := 0; step_s := 0;
    SELECT * INTO v_run FROM run WHERE id = p_batch.run_id;
    SELECT coalesce(retry_at, now() + interval '15 seconds') INTO v_retry_at FROM relay_health
    WHERE relay_id = v_run.relay_id AND stopped_at IS NOT NULL
      AND coalesce(retry_at, 'infinity') > now();
    IF FOUND THEN
        granted := 0; first_in := extract(epoch FROM v_retry_at - now());
        RETURN;
    END IF;
    FOR v_bucket IN
        SELECT t.* FROM (VALUES ('relay', v_run.relay_id::text), ('lane', p_batch.lane),
                                ('campaign', v_run.campaign_id::text)) AS b (kind, key),
             LATERAL take_tokens(b.kind, b.key, p_want) t
    LOOP
        granted := LEAST(granted, v_bucket.granted);
        v_first := GREATEST(v_first, v_bucket.first_at);
        step_s := GREATEST(step_s, extract(epoch FROM v_bucket.step));
    END LOOP;
    first_in := GREATEST(0, extract(epoch FROM v_first - clock_timestamp()));
    IF granted > 0 THEN
        PERFORM spend_tokens('relay', v_run.relay_id::text, granted, v_first, step_s);
        PERFORM spend_tokens('lane', p_batch.lane, granted, v_first, step_s);
        PERFORM spend_tokens('campaign', v_run.campaign_id::text, granted, v_first, step_s);
    END IF;
END
$$;

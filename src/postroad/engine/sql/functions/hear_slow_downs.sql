-- The scheduler's part of back-off by lane: takes the requests to slow down that
-- came with facts, gives a domain of the lane `other` its own lane, slows down,
-- and forgets what has recovered. Apart from the facts' own transaction, which
-- locks buckets in another order. Returns how many lanes changed.
CREATE FUNCTION hear_slow_downs() RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    v_heard record;
    v_changed integer := 0;
BEGIN
    FOR v_heard IN
        WITH gone AS (DELETE FROM slow_reply RETURNING *)
        SELECT g.relay_id, g.lane, CASE WHEN g.lane = 'other' THEN g.domain END AS domain,
               count(*)::integer AS times, max(g.reply) AS reply
        FROM gone g GROUP BY 1, 2, 3
    LOOP
        IF v_heard.domain IS NOT NULL THEN
            PERFORM promote_domain(v_heard.domain, 'program', 'It asked to slow down: ' || v_heard.reply);
        END IF;
        PERFORM slow_down_lane(v_heard.relay_id, coalesce(v_heard.domain, v_heard.lane), v_heard.times, v_heard.reply);
        v_changed := v_changed + 1;
    END LOOP;
    FOR v_heard IN
        DELETE FROM bucket WHERE kind = 'slow'
           AND slowed_rate(per_minute, slow_from, now() - slow_at) >= slow_from RETURNING *
    LOOP
        PERFORM journal_act('slow_down_ended', 'program', 'Lane ' || substr(v_heard.key, strpos(v_heard.key, ' ') + 1)
            || ' is back at its own pace.', NULL, jsonb_build_object('key', v_heard.key));
        v_changed := v_changed + 1;
    END LOOP;
    RETURN v_changed;
END
$$;

-- P11, *Purge queue*, the part of the owners: no mail of this stage that a worker
-- holds begins from here on. A batch whose time is over (`until`) gets no window
-- (P5), its owner hears it, hands its unbegun mails back as purged and keeps what is
-- in SMTP until it is answered (P8); what a lost owner leaves is purged by
-- end_overdue. '-infinity' tells this end from that of a deadline.
-- Returns whose runs, how many batches, how many mails were surely not begun, and
-- how many at most are past their first octet and go out.
-- For a transaction after that of purge_queue: what was claimed meanwhile is found.
-- Locks: batch rows in order of id, and nothing else.
CREATE FUNCTION recall_queue(p_stage text, p_actor text, OUT runs bigint[], OUT batches integer,
                             OUT mails bigint, OUT in_flight bigint)
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    v_run record;
BEGIN
    runs := '{}';
    batches := 0;
    mails := 0;
    in_flight := 0;
    FOR v_run IN
        WITH owned AS MATERIALIZED (
            SELECT b.id FROM run r JOIN batch b ON b.run_id = r.id
            WHERE r.state NOT IN ('finished', 'stopped')
              AND b.stage = p_stage AND b.owner IS NOT NULL AND b.until > '-infinity'
            ORDER BY b.id FOR UPDATE OF b
        ), recalled AS (
            UPDATE batch b SET until = '-infinity' FROM owned o WHERE b.id = o.id
            RETURNING b.run_id, cardinality(b.item_n) - b.started_upto AS mails,
                      CASE p_stage WHEN 'dispatch' THEN b.started_upto - b.answered ELSE 0 END AS in_flight)
        SELECT m.run_id, count(*)::integer AS batches, sum(m.mails) AS mails, sum(m.in_flight) AS in_flight
        FROM recalled m GROUP BY m.run_id ORDER BY m.run_id
    LOOP
        runs := runs || v_run.run_id;
        batches := batches + v_run.batches;
        mails := mails + v_run.mails;
        in_flight := in_flight + v_run.in_flight;
        PERFORM journal_act('queue_purged', p_actor, 'The ' || p_stage || ' queue was purged: '
            || v_run.mails || ' mails that workers held and had not begun; ' || v_run.in_flight
            || ' at most were in SMTP.', v_run.run_id,
            jsonb_build_object('stage', p_stage, 'batches', v_run.batches, 'mails', v_run.mails,
                               'in_flight', v_run.in_flight));
    END LOOP;
    PERFORM pg_notify('postroad_control', '');
END
$$;

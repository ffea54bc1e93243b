-- P5, P6, P8 and the owner's part of P11 in one transaction: hand in facts, and
-- ask for the right to begin more.
--
-- p_facts    outcomes read so far, see record_facts; always taken
-- p_hi       begin up to this position; NULL asks for nothing
-- p_unbegun  positions inside the window that were not begun and will not be
-- Returns `status`:
--   granted  begin positions lo..hi but those in `passed`. With `moments`
--            (seconds since 1970) so many mails may begin, those that had waited
--            first, each within life_s of a moment of its own; without, at once
--   wait     no token yet and begun mails are unanswered: ask again in wait_s,
--            or when that is 0 with the next outcome
--   back     the batch was given back, or rests with what is still unanswered
--   done     every mail has its outcome
--   lost     no longer the owner: begin nothing more. What p_unbegun names and was
--            taken for unknown is known again
-- p_spare   mails below the mark that have not begun and whose token is no longer good
-- `heard_at` and `told_at` are this clock when the call came and when it goes back.
-- Locks: the batch row (the fence), state rows, then the buckets.
CREATE FUNCTION report_window(
    p_batch bigint, p_worker uuid, p_claim integer, p_actor text,
    p_facts jsonb, p_hi integer, p_unbegun smallint[], p_spare integer DEFAULT 0,
    OUT status text, OUT lo integer, OUT hi integer, OUT passed smallint[],
    OUT moments double precision[], OUT life_s double precision, OUT wait_s double precision,
    OUT heard_at double precision, OUT told_at double precision, OUT unanswered_count integer)
LANGUAGE plpgsql
-- Planned once a connection: every plan below is index lookups, whatever is asked.
SET plan_cache_mode = force_generic_plan
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    v_batch batch%ROWTYPE;
    v_state text;
    v_given_up boolean;
BEGIN
    heard_at := extract(epoch FROM statement_timestamp());
    SELECT * INTO v_batch FROM batch WHERE id = p_batch FOR UPDATE;
    PERFORM record_facts(v_batch.run_id, p_batch, p_actor, p_facts);
    IF v_batch.owner IS DISTINCT FROM p_worker OR v_batch.claim <> p_claim THEN
        PERFORM settle_unbegun(v_batch, p_worker, p_claim, p_actor, p_unbegun);
        status := 'lost';
        RETURN;
    END IF;
    SELECT state INTO v_state FROM run WHERE id = v_batch.run_id;
    IF v_batch.until = '-infinity' THEN
        -- Its queue was purged: this batch ends as in a stopped run.
        v_state := 'stopped';
    END IF;
    v_given_up := v_state <> 'running' OR now() >= v_batch.until OR p_unbegun IS NOT NULL;
    IF v_given_up THEN
        PERFORM hand_back_unbegun(v_batch, v_state, p_actor, p_unbegun);
    ELSIF p_hi > v_batch.started_upto OR p_spare > 0 THEN
        SELECT * INTO status, hi, passed, moments, life_s, wait_s
        FROM open_window(v_batch, LEAST(GREATEST(p_hi, v_batch.started_upto), cardinality(v_batch.item_n)),
                         p_spare, p_actor);
        lo := v_batch.started_upto + 1;
        v_batch.started_upto := hi;
    END IF;
    unanswered_count := (SELECT count(*) FROM unanswered(v_batch));
    status := rest_batch(v_batch, v_state, coalesce(status, ''), unanswered_count, v_given_up);
    told_at := extract(epoch FROM clock_timestamp());
END
$$;

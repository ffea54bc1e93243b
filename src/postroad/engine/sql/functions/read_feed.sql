-- Journal rows of these kinds in (p_after, p_upto], in order, with the names by
-- which an outsider knows what they are about: the person's key in the source,
-- and the campaign and id of a submission, taken or refused.
CREATE FUNCTION read_feed(p_after bigint, p_upto bigint, p_kinds text[], p_limit integer)
RETURNS TABLE ("position" bigint, at timestamptz, kind text, run bigint, n integer, attempt smallint,
               key text, campaign bigint, id text, code smallint, enhanced text, text text,
               is_dead boolean)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
    RETURN QUERY
    SELECT j.id, j.at, j.kind, j.run_id, j.n, j.attempt, d.contact_key,
           CASE j.kind WHEN 'message_refused' THEN (j.detail->>'campaign')::bigint ELSE r.campaign_id END,
           CASE j.kind WHEN 'message_refused' THEN j.detail->>'id' ELSE s.key END, j.code, j.enhanced, j.text,
           j.kind = 'dead' AND EXISTS (
               SELECT FROM delivery_state t WHERE t.run_id = j.run_id AND t.n = j.n
                  AND t.state = 'dead' AND t.attempt = j.attempt)
    FROM (SELECT * FROM journal o WHERE o.id > p_after AND o.id <= p_upto AND o.kind = ANY (p_kinds)
          ORDER BY o.id LIMIT p_limit) j
    LEFT JOIN run r ON r.id = j.run_id
    LEFT JOIN delivery d ON d.run_id = j.run_id AND d.n = j.n
    LEFT JOIN submission s ON s.id = r.submission_id
    ORDER BY j.id;
END
$$;

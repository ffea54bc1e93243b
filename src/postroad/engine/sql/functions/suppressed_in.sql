-- Facts for the recipients of a batch who were suppressed since they were
-- selected, those apart that p_failures names already.
CREATE FUNCTION suppressed_in(p_batch batch, p_failures jsonb) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('n', d.n, 'attempt', 0, 'kind', 'suppressed',
                                                 'text', 'Suppressed after selection.')), '[]')
    FROM delivery d JOIN suppression u ON u.hash = d.hash
    WHERE d.run_id = p_batch.run_id AND d.n = ANY (p_batch.item_n)
      AND d.n NOT IN (SELECT (f->>'n')::integer FROM jsonb_array_elements(p_failures) AS f)
$$;

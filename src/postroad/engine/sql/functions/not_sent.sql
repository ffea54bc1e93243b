-- The fact that a try was begun and, by its worker's ledger, not sent.
CREATE FUNCTION not_sent(p_n integer, p_attempt integer) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object('n', p_n, 'attempt', p_attempt, 'kind', 'not_begun',
                              'text', 'By the ledger of its worker, the mail was not sent.')
$$;

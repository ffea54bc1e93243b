-- Seconds until the attempt after the `p_deferral`-th deferral, with ±10 % of jitter
-- so that deferred mails do not come back as one burst. The last step repeats.
CREATE FUNCTION backoff(p_steps integer[], p_deferral integer) RETURNS double precision
LANGUAGE sql VOLATILE AS $$
    SELECT p_steps[LEAST(GREATEST(p_deferral, 1), cardinality(p_steps))] * (0.9 + 0.2 * random())
$$;

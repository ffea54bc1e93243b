-- How much further ahead than others a run of this priority takes its moments.
CREATE FUNCTION patience(p_priority integer) RETURNS interval
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_priority > 0 THEN interval '1 second' ELSE interval '0' END
$$;

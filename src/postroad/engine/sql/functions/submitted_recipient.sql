-- The recipient of a submission, as an audience's routine would return it. What
-- was submitted beside fills the mail; the address and the name win over it.
CREATE FUNCTION submitted_recipient(p_submission bigint)
RETURNS TABLE (contact_key text, address text, address_key text, name text, zone text, data jsonb)
LANGUAGE sql STABLE AS $$
    SELECT s.key, s.address, s.address_key, s.name, ''::text,
           s.data || jsonb_strip_nulls(jsonb_build_object('address', s.address, 'name', nullif(s.name, '')))
    FROM submission s WHERE s.id = p_submission
$$;

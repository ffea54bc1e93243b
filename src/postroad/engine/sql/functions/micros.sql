-- A time as whole microseconds since 1970, the unit of tokens.
CREATE FUNCTION micros(p_at timestamptz) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$ SELECT (extract(epoch FROM p_at) * 1000000)::bigint $$;

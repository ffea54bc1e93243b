-- The versions of the sending protocol that this schema serves. A migration that
-- changes what workers call raises `newest`; `oldest` follows when the functions
-- of the version before it are dropped. So workers of both run side by side.
CREATE FUNCTION protocol_versions(OUT oldest integer, OUT newest integer)
LANGUAGE sql IMMUTABLE AS $$
    SELECT 1, 1
$$;

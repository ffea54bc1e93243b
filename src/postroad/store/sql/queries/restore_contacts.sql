-- Puts deleted people back under the ids they had, so that audiences that
-- picked them find them again. Whoever was entered anew meanwhile stays as
-- entered. Returns how many came back.
WITH snapshot AS (
    SELECT s.*
    FROM jsonb_to_recordset(%(snapshot)s::jsonb) AS s (
        id bigint, address text, address_key text, name text, first_name text, last_name text,
        company text, zone text, attributes jsonb, sort_key text, created_at timestamptz)
),
restored AS (
    INSERT INTO contact (id, address, address_key, name, first_name, last_name, company, zone,
                         attributes, sort_key, created_at)
    SELECT id, address, address_key, name, first_name, last_name, company, zone,
           attributes, sort_key, created_at
    FROM snapshot
    ON CONFLICT DO NOTHING
    RETURNING id
)
SELECT array_agg(id) FROM restored

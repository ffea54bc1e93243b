-- The entered people into the book: new ones added, known ones given what was
-- entered; an empty field changes nothing. The names are one thing: a lone
-- first name does not take a known family name away.
-- Returns (added, updated, people): people counts each address once.
WITH once AS MATERIALIZED (
    SELECT DISTINCT ON (address_key) * FROM entered ORDER BY address_key, position
),
put AS (
    INSERT INTO contact AS c (address, address_key, name, first_name, last_name, company, zone,
                              attributes, sort_key)
    SELECT address, address_key, name, first_name, last_name, company, zone, attributes, sort_key
    FROM once ORDER BY address_key   -- one order, so that two at once never wait for each other
    ON CONFLICT (address_key) DO UPDATE SET
        (name, first_name, last_name, sort_key) = (
            SELECT n.name, n.first_name, n.last_name, n.sort_key
            FROM (VALUES (true, excluded.name, excluded.first_name, excluded.last_name,
                          excluded.sort_key),
                         (false, c.name, c.first_name, c.last_name, c.sort_key)
                 ) AS n (is_entered, name, first_name, last_name, sort_key)
            WHERE n.is_entered = (excluded.name <> ''
                                  AND (excluded.last_name <> '' OR c.last_name = ''))),
        company = coalesce(nullif(excluded.company, ''), c.company),
        zone = coalesce(nullif(excluded.zone, ''), c.zone),
        attributes = c.attributes || excluded.attributes,
        changed_at = now()
    WHERE (excluded.name <> '' AND (excluded.last_name <> '' OR c.last_name = '')
           AND (excluded.name, excluded.first_name, excluded.last_name)
               <> (c.name, c.first_name, c.last_name))
       OR (excluded.company <> '' AND excluded.company <> c.company)
       OR (excluded.zone <> '' AND excluded.zone <> c.zone)
       OR NOT c.attributes @> excluded.attributes
    RETURNING c.xmax = 0 AS is_new
)
SELECT count(*) FILTER (WHERE is_new),
       count(*) FILTER (WHERE NOT is_new),
       (SELECT count(*) FROM once)
FROM put

-- The entered people carry their tags. Returns how many people got one they did not have.
WITH tagged AS (
    INSERT INTO contact_tag (contact_id, tag_id)
    SELECT DISTINCT c.id, t.id
    FROM entered AS e
    CROSS JOIN unnest(e.tags) AS n (name)
    JOIN tag AS t ON t.name = n.name
    JOIN contact AS c ON c.address_key = e.address_key
    ORDER BY c.id, t.id
    ON CONFLICT (tag_id, contact_id) DO NOTHING
    RETURNING contact_id
)
SELECT count(DISTINCT contact_id) FROM tagged

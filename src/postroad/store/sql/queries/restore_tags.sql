-- The tags of people who came back, as far as the tags still exist.
INSERT INTO contact_tag (contact_id, tag_id)
SELECT s.id, t.id
FROM jsonb_to_recordset(%(snapshot)s::jsonb) AS s (id bigint, tags jsonb)
CROSS JOIN jsonb_array_elements_text(s.tags) AS n (name)
JOIN tag AS t ON t.name = n.name
WHERE s.id = ANY (%(ids)s)
ON CONFLICT DO NOTHING

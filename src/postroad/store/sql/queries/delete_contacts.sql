-- Deletes people and returns each as JSON, with its tags, for putting it back.
WITH kept AS (
    SELECT to_jsonb(c) || jsonb_build_object('tags', coalesce(
               (SELECT jsonb_agg(t.name ORDER BY t.name)
                FROM contact_tag AS ct JOIN tag AS t ON t.id = ct.tag_id
                WHERE ct.contact_id = c.id), '[]')) AS snapshot
    FROM contact AS c WHERE c.id = ANY (%(ids)s)
    FOR UPDATE
),
untagged AS (DELETE FROM contact_tag WHERE contact_id = ANY (%(ids)s)),
deleted AS (DELETE FROM contact WHERE id = ANY (%(ids)s))
SELECT snapshot FROM kept

-- Lock what an edit would lock, in this order, so that Verify and an edit come one after the other.
WITH campaign AS MATERIALIZED (
    SELECT id, content_id, audience_id FROM campaign WHERE id = %(campaign)s FOR UPDATE
), content AS MATERIALIZED (
    SELECT t.id FROM content t JOIN campaign c ON t.id = c.content_id FOR UPDATE OF t
), audience AS MATERIALIZED (
    SELECT n.id FROM audience n JOIN campaign c ON n.id = c.audience_id FOR UPDATE OF n
)
SELECT c.id, (SELECT count(*) FROM content) + (SELECT count(*) FROM audience) AS locked FROM campaign c

-- What bears the words in its name; of contacts the beginning only, by index.
(SELECT 'campaign' AS kind, id, name, state AS note FROM campaign
 WHERE name ILIKE %(inside)s ORDER BY id DESC LIMIT 8)
UNION ALL
(SELECT 'audience', id, name, '' FROM audience WHERE name ILIKE %(inside)s ORDER BY id DESC LIMIT 8)
UNION ALL
(SELECT 'content', id, name, '' FROM content WHERE name ILIKE %(inside)s ORDER BY id DESC LIMIT 8)
UNION ALL
(SELECT 'contact', id, coalesce(nullif(name, ''), address), address FROM contact
 WHERE address_key LIKE %(start)s OR sort_key LIKE %(start)s ORDER BY sort_key, id LIMIT 12)

-- Every tag that was entered exists.
INSERT INTO tag (name)
SELECT DISTINCT t.name FROM entered AS e CROSS JOIN unnest(e.tags) AS t (name) ORDER BY t.name
ON CONFLICT (name) DO NOTHING

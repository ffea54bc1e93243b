-- How many of the entered people are suppressed, and stay so.
SELECT count(*)
FROM (SELECT DISTINCT address_key FROM entered) AS e
WHERE EXISTS (SELECT FROM suppression AS s
              WHERE s.hash = sha256(convert_to(e.address_key, 'UTF8')))

-- Whether mails of a relay stay on this machine, and whether it can be asked about unknown ones.
SELECT coalesce(bool_or(is_sandbox), false) AS is_sandbox, coalesce(bool_or(lookup <> ''), false) AS has_lookup
FROM relay WHERE id = %(relay)s

-- Whether mails of a relay stay on this machine.
SELECT coalesce((SELECT is_sandbox FROM relay WHERE id = %(relay)s), false) AS is_sandbox

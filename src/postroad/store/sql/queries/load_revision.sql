-- One content revision as it was entered, without the bytes of its files.
SELECT subject, format, source, text_source, policies, files
FROM revision WHERE id = %(revision)s

-- The bytes of some files, by id.
SELECT id, data FROM attachment WHERE id = ANY (%(ids)s)

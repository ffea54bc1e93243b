-- One suppressed address by the hash of its normalised form.
SELECT hash, address, reason, note, created_at FROM suppression WHERE hash = %(hash)s

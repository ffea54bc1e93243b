-- How to reach one relay; the password is as encrypted.
SELECT id, host, port, tls, "user", password, ca_file, connections, chunking
FROM relay WHERE id = %(relay)s

-- What protects this connection; both are empty when nothing does.
SHOW SESSION STATUS WHERE Variable_name IN ('Ssl_version', 'Ssl_cipher');

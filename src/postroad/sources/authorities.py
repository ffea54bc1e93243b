"""The authorities that this machine trusts, as a file.

libpq's own word for them, `system`, means those of the OpenSSL it is built with: in psycopg's
wheels that is a directory no machine has.
"""

import ssl
from pathlib import Path
from typing import Final

_USUAL: Final = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


def trusted_file() -> str:
    """Its path; 'system' where there is none to be found. SSL_CERT_FILE goes before all."""
    found = ssl.get_default_verify_paths().cafile
    return found or next((path for path in _USUAL if Path(path).is_file()), "system")

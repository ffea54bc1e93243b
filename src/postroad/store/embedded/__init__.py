"""PostgreSQL that comes with Postroad: found, started, attached to and stopped.

Knows nothing of Django. The server listens on a unix socket only, in a
directory that none but its own account (and root) may enter.
"""

from postroad.store.embedded.faults import EmbeddedFault
from postroad.store.embedded.server import EmbeddedServer, ServerStatus

__all__ = ["EmbeddedFault", "EmbeddedServer", "ServerStatus"]

"""The database connection of this thread."""

from django.db import InterfaceError, OperationalError, connections

DatabaseAway = (OperationalError, InterfaceError)
"""What is raised while the server is away, starts again, or has no space left."""


def close_connections() -> None:
    """Close what this thread has open. Call it before a fork."""
    connections.close_all()

"""The database connection of this thread."""

from django.db import connections


def close_connections() -> None:
    """Close what this thread has open. Call it before a fork."""
    connections.close_all()

"""The console on a database of its own, as in tests/web."""

# It sets Django up: before anything that reaches the models.
from tests.web.conftest import app, client, clock, manager, settings

__all__ = ["app", "client", "clock", "manager", "settings"]

"""The console's side, for tests in which a manager acts while workers send."""

from tests.acting import app

__all__ = ["app"]

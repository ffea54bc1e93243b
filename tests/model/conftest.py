"""The engine's stage, for the tests here that play on real PostgreSQL."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

import pytest

from postroad.testing.database import TestServer

from . import postgres_stage as stage
from .postgres_driver import CONNECTIONS, PostgresDriver


@pytest.fixture(scope="module")
def engine(postgres_server: TestServer, template_database: str) -> Iterator[PostgresDriver]:
    """One database for all schedules here, emptied between two."""
    with postgres_server.clone(template_database) as dsn, ExitStack() as stack:
        stage.set_stage(dsn, has_own_clock=True)
        enter = partial(stage.enter, dsn, has_own_clock=True)
        yield PostgresDriver([stack.enter_context(enter()) for _ in range(1 + CONNECTIONS)])

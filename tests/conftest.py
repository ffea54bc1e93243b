"""What every test may ask for: a database of its own, and where the real data lie."""

import os
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from postroad.testing.database import TestServer, in_memory, migrate, private_server
from postroad.testing.mariadb import MariaDBNotInstalled, MariaDBServer, mariadb_server
from postroad.testing.rabbitmq import RabbitMQNode, RabbitMQNotInstalled, rabbitmq_node

settings.register_profile(
    "postroad",
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("long", settings.get_profile("postroad"), max_examples=2000)
settings.load_profile(os.environ.get("POSTROAD_HYPOTHESIS", "postroad"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With POSTROAD_REQUIRE=1 a test is not skipped for a program that "is not installed"."""
    report = yield
    reason = str(report.longrepr)
    is_required = os.environ.get("POSTROAD_REQUIRE") == "1"
    if is_required and report.skipped and "is not installed" in reason:
        report.outcome = "failed"
        report.longrepr = f"{reason}: install it, or run plain pytest to go without"
    return report


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[TestServer]:
    """One private PostgreSQL for the whole session (fsync off), in memory where there is room."""
    with private_server(within=in_memory()) as server:
        yield server


@pytest.fixture(scope="session")
def template_database(postgres_server: TestServer) -> str:
    """The name of the migrated database that `database` is cloned from."""
    postgres_server.make_template("migrated", migrate)
    return "migrated"


@pytest.fixture
def database(postgres_server: TestServer, template_database: str) -> Iterator[str]:
    """The DSN of a fresh, migrated database; dropped after the test."""
    with postgres_server.clone(template_database) as dsn:
        yield dsn


@pytest.fixture
def dsn(database: str) -> str:
    """The same, for those who speak to it through psycopg."""
    return database


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[RabbitMQNode]:
    """One private broker for the whole session; not to be killed, frozen or filled."""
    with _a_node() as node:
        yield node


@pytest.fixture
def broker_url(rabbitmq: RabbitMQNode) -> Iterator[str]:
    """The URL of a fresh virtual host on it."""
    with rabbitmq.vhost() as url:
        yield url


@pytest.fixture
def own_rabbitmq() -> Iterator[RabbitMQNode]:
    """A broker of the test's own, to be killed and frozen; its start takes seconds."""
    with _a_node() as node:
        yield node


@contextmanager
def _a_node() -> Iterator[RabbitMQNode]:
    with ExitStack() as stack:
        try:
            node = stack.enter_context(rabbitmq_node())
        except RabbitMQNotInstalled as missing:
            pytest.skip(str(missing))
        yield node


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDBServer]:
    """One private MariaDB for the whole session; not to be stopped."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(mariadb_server())
        except MariaDBNotInstalled as missing:
            pytest.skip(str(missing))
        yield server


@pytest.fixture(scope="session")
def test_data() -> Path:
    """Real-world data kept outside the tree; tests that want it are skipped without it."""
    place = os.environ.get("POSTROAD_TEST_DATA", "")
    if not place:
        pytest.skip("POSTROAD_TEST_DATA is not set: name the directory with the test data")
    return Path(place)

"""Customers' databases, each with both accounts as the SQL for DBAs makes them."""

import datetime as dt
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from postroad.core.source.connection import Dialect, SourceTarget, Tls
from postroad.testing.certificates import Certificates, make_certificates
from postroad.testing.customer import CustomerServer, customer_postgres
from postroad.testing.database import TestServer, private_home
from postroad.testing.mariadb import MariaDBServer
from postroad.testing.shop import PASSWORD, make_accounts, make_shop, target_on

from .maria import SHOP as MARIADB_SHOP
from .maria import a_server
from .maria import make_accounts as make_mariadb_accounts


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"), dt.datetime.now(dt.UTC))


@pytest.fixture(scope="session")
def customer(postgres_server: TestServer, certificates: Certificates) -> Iterator[CustomerServer]:
    with customer_postgres(postgres_server.shelf, certificates.valid) as server:
        server.execute("CREATE ROLE ciphered LOGIN PASSWORD 'x'")
        server.execute("CREATE ROLE barred LOGIN PASSWORD 'x'")
        yield server


@pytest.fixture(scope="session")
def shop(customer: CustomerServer, certificates: Certificates) -> SourceTarget:
    """Every kind of column, schemas that point to each other, a view, partitions. Only read."""
    return make_shop(customer, "shop", certificates.authority)


@pytest.fixture
def own_shop(customer: CustomerServer, certificates: Certificates) -> Iterator[SourceTarget]:
    """The same, for a test that changes it."""
    yield make_shop(customer, "own shop", certificates.authority)
    customer.execute('DROP DATABASE "own shop" WITH (FORCE)')
    customer.execute('DROP ROLE "own shop deploy", "own shop run"')


@pytest.fixture(scope="session")
def chinook(customer: CustomerServer, certificates: Certificates, test_data: Path) -> SourceTarget:
    script = (test_data / "chinook" / "Chinook_PostgreSql.sql").read_text("utf-8")
    _, _, tables = script.partition("\\c chinook;")
    customer.execute("CREATE DATABASE chinook")
    customer.execute(tables, "chinook")
    target = target_on(customer, "chinook", certificates.authority)
    make_accounts(customer, target, "public")
    return target


@pytest.fixture(scope="session")
def northwind(
    customer: CustomerServer, certificates: Certificates, test_data: Path
) -> SourceTarget:
    script = (test_data / "northwind" / "northwind.sql").read_text("utf-8")
    customer.execute("CREATE DATABASE northwind")
    customer.execute(script.replace("SET default_with_oids = false;", ""), "northwind")
    target = target_on(customer, "northwind", certificates.authority)
    make_accounts(customer, target, "public")
    return target


@pytest.fixture
def ciphered(customer: CustomerServer, shop: SourceTarget) -> SourceTarget:
    """The shop, on a server that speaks TLS."""
    if not customer.has_tls:
        pytest.skip("A PostgreSQL with TLS is not installed")
    return shop


@pytest.fixture
def plain(shop: SourceTarget) -> SourceTarget:
    """The shop, in clear."""
    return replace(shop, tls=Tls.NONE, ca_file="")


@pytest.fixture(scope="session")
def mariadb_server(certificates: Certificates) -> Iterator[MariaDBServer]:
    """With TLS; its own account reads the certificate."""
    with private_home() as home:
        place = home / "server.pem"
        shutil.copy(certificates.valid, place)
        place.chmod(0o644)
        with a_server(f"--ssl-cert={place}", f"--ssl-key={place}") as server:
            yield server


@pytest.fixture(scope="session")
def mariadb_shop(mariadb_server: MariaDBServer, certificates: Certificates) -> SourceTarget:
    server = mariadb_server
    server.run_script(MARIADB_SHOP)
    target = SourceTarget(
        Dialect.MARIADB, "127.0.0.1", server.port, "my_shop", "shop deploy", "shop run",
        PASSWORD, PASSWORD, Tls.VERIFIED, str(certificates.authority),
    )  # fmt: skip
    make_mariadb_accounts(server, target, "my_shop", "sales")
    return target

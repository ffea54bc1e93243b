"""Customers' databases, each with both accounts as the SQL for DBAs makes them."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from postroad.core.source.connection import Dialect, SourceTarget, Tls
from postroad.sources.asking import accounts_sql
from postroad.testing.certificates import Certificates, make_certificates
from postroad.testing.customer import CustomerServer, customer_postgres
from postroad.testing.database import TestServer

PASSWORD = "pa'ss\\word %s"


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"), dt.datetime.now(dt.UTC))


@pytest.fixture(scope="session")
def customer(postgres_server: TestServer, certificates: Certificates) -> Iterator[CustomerServer]:
    with customer_postgres(postgres_server.shelf, certificates.valid) as server:
        server.execute("CREATE ROLE ciphered LOGIN PASSWORD 'x'")
        server.execute("CREATE ROLE barred LOGIN PASSWORD 'x'")
        yield server


def target_on(server: CustomerServer, database: str, ca_file: Path) -> SourceTarget:
    tls = (Tls.VERIFIED, str(ca_file)) if server.has_tls else (Tls.NONE, "")
    return SourceTarget(
        Dialect.POSTGRESQL, "127.0.0.1", server.port, database,
        f"{database} deploy", f"{database} run", PASSWORD, PASSWORD, *tls,
    )  # fmt: skip


def make_accounts(server: CustomerServer, target: SourceTarget, *schemas: str) -> None:
    """By the SQL that the wizard prints, the passwords put in as it asks."""
    text = accounts_sql(target, schemas)
    literal = PASSWORD.replace("\\", "\\\\").replace("'", "''")
    for user in (target.deploy_user, target.run_user):
        assert f"<password of {user}>" in text
        text = text.replace(f"<password of {user}>", literal)
    server.execute(text, target.database)


SHOP = """\
CREATE SCHEMA sales;
CREATE DOMAIN "E-Mail" AS text CHECK (value LIKE '%@%');
CREATE TYPE level AS ENUM ('gold', 'silver');
CREATE TABLE "Person" (
    id bigint PRIMARY KEY, "E-Mail" "E-Mail", full_name varchar(80), time_zone text,
    newsletter boolean, born date, joined timestamptz, seen timestamp, points integer,
    spent numeric(10,2), weight real, facts jsonb, tags text[], level level, photo bytea);
CREATE TABLE sales.invoice (
    id bigint PRIMARY KEY, person_id bigint NOT NULL REFERENCES "Person", total numeric(10,2));
CREATE TABLE sales.line (
    invoice_id bigint REFERENCES sales.invoice, n int, PRIMARY KEY (invoice_id, n));
CREATE TABLE visit (person_id bigint REFERENCES "Person", at date) PARTITION BY RANGE (at);
CREATE TABLE visit_2026 PARTITION OF visit FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE VIEW buyer AS SELECT id AS person_id, "E-Mail" AS mail FROM "Person";
INSERT INTO "Person" (id, "E-Mail", full_name, time_zone, newsletter)
SELECT n, 'p' || n || '@example.org', 'Person ' || n, 'Europe/Vienna', n % 2 = 0
FROM generate_series(1, 50) AS n;
"""


@pytest.fixture(scope="session")
def shop(customer: CustomerServer, certificates: Certificates) -> SourceTarget:
    """Every kind of column, schemas that point to each other, a view, partitions. Only read."""
    return a_shop(customer, certificates, "shop")


@pytest.fixture
def own_shop(customer: CustomerServer, certificates: Certificates) -> Iterator[SourceTarget]:
    """The same, for a test that changes it."""
    yield a_shop(customer, certificates, "own shop")
    customer.execute('DROP DATABASE "own shop" WITH (FORCE)')
    customer.execute('DROP ROLE "own shop deploy", "own shop run"')


def a_shop(customer: CustomerServer, certificates: Certificates, name: str) -> SourceTarget:
    customer.execute(f'CREATE DATABASE "{name}"')
    customer.execute(SHOP, name)
    target = target_on(customer, name, certificates.authority)
    make_accounts(customer, target, "public", "sales")
    return target


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

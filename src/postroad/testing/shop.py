"""A shop's database for tests, with both accounts as the SQL for DBAs makes them."""

from pathlib import Path

from postroad.core.source.connection import Dialect, SourceFields, SourceTarget, Tls
from postroad.sources.asking import accounts_sql
from postroad.testing.customer import CustomerServer

PASSWORD = "pa'ss\\word %s"  # noqa: S105 - of a server that nobody else reaches
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
CREATE TABLE code (
    code text NOT NULL UNIQUE, n int PRIMARY KEY, maybe text UNIQUE, half text NOT NULL,
    parted text NOT NULL);
CREATE UNIQUE INDEX ON code (half) WHERE n > 5;
CREATE UNIQUE INDEX ON code (lower(parted));
CREATE VIEW buyer AS SELECT id AS person_id, "E-Mail" AS mail FROM "Person";
INSERT INTO "Person" (id, "E-Mail", full_name, time_zone, newsletter)
SELECT n, 'p' || n || '@example.org', 'Person ' || n, 'Europe/Vienna', n % 2 = 0
FROM generate_series(1, 50) AS n;
"""


def target_on(server: CustomerServer, database: str, ca_file: Path) -> SourceTarget:
    tls = (Tls.VERIFIED, str(ca_file)) if server.has_tls else (Tls.NONE, "")
    return SourceTarget(
        Dialect.POSTGRESQL, "127.0.0.1", server.port, database,
        f"{database} deploy", f"{database} run", PASSWORD, PASSWORD, *tls,
    )  # fmt: skip


def make_accounts(server: CustomerServer, target: SourceTarget, *schemas: str) -> None:
    """By the SQL that the wizard prints, the passwords put in as it asks."""
    text = accounts_sql(target, schemas)
    literal = "E'" + PASSWORD.replace("\\", "\\\\").replace("'", "''") + "'"
    for placeholder in ("'<deploy password>'", "'<run password>'"):
        assert text.count(placeholder) == 1
        text = text.replace(placeholder, literal)
    server.execute(text, target.database)


def make_shop(server: CustomerServer, name: str, ca_file: Path) -> SourceTarget:
    """Every kind of column, schemas that point to each other, a view, partitions, 50 people."""
    server.execute(f'CREATE DATABASE "{name}"')
    server.execute(SHOP, name)
    target = target_on(server, name, ca_file)
    make_accounts(server, target, "public", "sales")
    return target


def fields_of(target: SourceTarget, name: str = "Shop") -> SourceFields:
    """What is typed to reach it."""
    return SourceFields(
        name, target.dialect, target.host, target.port, target.database, target.deploy_user,
        target.run_user, target.deploy_password, target.run_password, target.tls, target.ca_file,
        target.schema, target.timeout_seconds,
    )  # fmt: skip

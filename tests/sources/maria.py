"""A shop on a private MariaDB, with both accounts as the SQL for DBAs makes them."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from unittest import mock

import pytest

from postroad.core.criteria.schema import Schema, Table, TableName
from postroad.core.source.connection import SourceTarget
from postroad.sources.asking import accounts_sql, read_schema
from postroad.testing import mariadb
from postroad.testing.mariadb import MariaDBServer
from postroad.testing.shop import PASSWORD

SHOP = """
CREATE DATABASE `my_shop` CHARACTER SET utf8mb4;
CREATE DATABASE sales CHARACTER SET utf8mb4;
USE `my_shop`;
CREATE TABLE Person (
    id bigint unsigned PRIMARY KEY, `E-Mail` varchar(200), full_name varchar(80),
    time_zone text, newsletter tinyint(1), born date, joined timestamp NULL, seen datetime,
    points int, spent decimal(10,2), weight double, facts json, notes longtext,
    level enum('gold', 'silver'), photo blob, code char(3), UNIQUE KEY by_code (code));
CREATE TABLE odd (a int, b int, KEY by_a (a), UNIQUE KEY by_b (b)) ENGINE=InnoDB;
CREATE TABLE points_to_odd (
    a int, b int, CONSTRAINT loose FOREIGN KEY (a) REFERENCES odd (a),
    CONSTRAINT firm FOREIGN KEY (b) REFERENCES odd (b));
CREATE VIEW buyer AS SELECT id AS person_id, `E-Mail` AS mail FROM Person;
CREATE TABLE sales.invoice (
    id bigint PRIMARY KEY, person_id bigint unsigned NOT NULL, n int,
    CONSTRAINT invoice_person FOREIGN KEY (person_id) REFERENCES my_shop.Person (id));
CREATE TABLE sales.line (
    invoice_id bigint, n int, PRIMARY KEY (n, invoice_id),
    CONSTRAINT line_invoice FOREIGN KEY (invoice_id) REFERENCES sales.invoice (id));
INSERT INTO Person (id, `E-Mail`, full_name, time_zone, newsletter, photo)
SELECT seq, concat('p', seq, '@example.org'), concat('Person ', seq), 'Europe/Vienna', seq % 2,
       x'ff00' FROM seq_1_to_50;
"""


class WithOptions(MariaDBServer):
    more: Sequence[str] = ()

    def _options(self) -> Sequence[str]:
        return (*super()._options(), *self.more)


@contextmanager
def a_server(*options: str) -> Iterator[MariaDBServer]:
    made = type("Made", (WithOptions,), {"more": options})
    with mock.patch.object(mariadb, "MariaDBServer", made), ExitStack() as stack:
        try:
            yield stack.enter_context(mariadb.mariadb_server())
        except mariadb.MariaDBNotInstalled as missing:
            pytest.skip(str(missing))


def make_accounts(server: MariaDBServer, target: SourceTarget, *schemas: str) -> None:
    """By the SQL that the wizard prints, the passwords put in as it asks."""
    text = accounts_sql(target, schemas)
    literal = "'" + PASSWORD.replace("\\", "\\\\").replace("'", "''") + "'"
    for placeholder in ("'<deploy password>'", "'<run password>'"):
        assert text.count(placeholder) == 1
        text = text.replace(placeholder, literal)
    server.run_script(text)


def schema_of(target: SourceTarget) -> Schema:
    schema = read_schema(target)
    assert isinstance(schema, Schema), schema
    return schema


def table_of(schema: Schema, name: str, of: str = "my_shop") -> Table:
    table = schema.table(TableName(of, name))
    assert table is not None, schema
    return table

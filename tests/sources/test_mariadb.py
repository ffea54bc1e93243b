"""Each diagnosis and what introspection finds, on a real MariaDB."""

import shutil
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import pymysql
import pytest

from postroad.core.criteria.schema import ForeignKey, Kind, Schema, Table, TableName
from postroad.core.source.connection import Dialect, Role, SourceTarget, Tls
from postroad.core.source.diagnosis import (
    Diagnosis,
    SourceAnswers,
    SourceRefusal,
    SourceUnfit,
    Trouble,
)
from postroad.core.source.drift import compare
from postroad.core.source.mapping import Sample, guess_mapping
from postroad.sources.asking import accounts_sql, check, read_sample, read_schema
from postroad.sources.mariadb.connecting import connected
from postroad.testing import mariadb
from postroad.testing.certificates import Certificates
from postroad.testing.database import private_home
from postroad.testing.mariadb import MariaDBServer
from postroad.testing.shop import PASSWORD

DEPLOY, RUN = Role.DEPLOY, Role.RUN
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


@pytest.fixture(scope="module")
def server(certificates: Certificates) -> Iterator[MariaDBServer]:
    """With TLS; its own account reads the certificate."""
    with private_home() as home:
        place = home / "server.pem"
        shutil.copy(certificates.valid, place)
        place.chmod(0o644)
        with a_server(f"--ssl-cert={place}", f"--ssl-key={place}") as server:
            yield server


@pytest.fixture(scope="module")
def shop(server: MariaDBServer, certificates: Certificates) -> SourceTarget:
    server.run_script(SHOP)
    target = SourceTarget(
        Dialect.MARIADB, "127.0.0.1", server.port, "my_shop", "shop deploy", "shop run",
        PASSWORD, PASSWORD, Tls.VERIFIED, str(certificates.authority),
    )  # fmt: skip
    make_accounts(server, target, "my_shop", "sales")
    return target


def make_accounts(server: MariaDBServer, target: SourceTarget, *schemas: str) -> None:
    """By the SQL that the wizard prints, the passwords put in as it asks."""
    text = accounts_sql(target, schemas)
    literal = "'" + PASSWORD.replace("\\", "\\\\").replace("'", "''") + "'"
    for placeholder in ("'<deploy password>'", "'<run password>'"):
        assert text.count(placeholder) == 1
        text = text.replace(placeholder, literal)
    server.run_script(text)


def troubles(target: SourceTarget) -> list[tuple[Trouble, Role | None]]:
    outcome = check(target)
    assert isinstance(outcome, SourceUnfit), outcome
    assert all(each.text.endswith(".") for each in outcome.diagnoses)
    return [(each.trouble, each.role) for each in outcome.diagnoses]


def schema_of(target: SourceTarget) -> Schema:
    schema = read_schema(target)
    assert isinstance(schema, Schema), schema
    return schema


def table_of(schema: Schema, name: str, of: str = "my_shop") -> Table:
    table = schema.table(TableName(of, name))
    assert table is not None, schema
    return table


def test_both_accounts_as_the_printed_sql_makes_them_work(shop: SourceTarget) -> None:
    outcome = check(shop)
    assert isinstance(outcome, SourceAnswers), outcome
    assert outcome.server.startswith("MariaDB 1")
    assert outcome.tls.startswith("TLSv1.")
    assert (outcome.tables, outcome.warnings) == (6, ())


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"host": "no-such-host.invalid"}, [(Trouble.HOST_UNKNOWN, DEPLOY)]),
        ({"deploy_password": "wrong"}, [(Trouble.PASSWORD, DEPLOY)]),
        ({"run_password": ""}, [(Trouble.PASSWORD, RUN)]),
        ({"database": "nowhere"}, [(Trouble.NO_DATABASE, DEPLOY)]),
        ({"schema": "elsewhere"}, [(Trouble.NO_SCHEMA, DEPLOY), (Trouble.NO_USAGE, RUN)]),
        ({"ca_file": ""}, [(Trouble.CERTIFICATE, DEPLOY)]),
        ({"ca_file": "/no/such/file.pem"}, [(Trouble.CERTIFICATE, DEPLOY)]),
        ({"host": "::ffff:127.0.0.1"}, [(Trouble.CERTIFICATE, DEPLOY)]),
    ],
)
def test_what_is_wrong_is_named(
    shop: SourceTarget, changes: dict[str, Any], expected: list[tuple[Trouble, Role]]
) -> None:
    assert troubles(replace(shop, **changes)) == expected


def test_encrypted_only_takes_any_certificate(shop: SourceTarget) -> None:
    encrypted = replace(shop, tls=Tls.ENCRYPTED, ca_file="")
    assert isinstance(check(encrypted), SourceAnswers)


def test_a_port_nobody_listens_on_is_told(shop: SourceTarget) -> None:
    with closing(socket.socket()) as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        assert troubles(replace(shop, port=port)) == [(Trouble.REFUSED, DEPLOY)]


def test_what_speaks_another_protocol_is_told(shop: SourceTarget) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def greet() -> None:
            taken, _ = server.accept()
            with closing(taken):
                taken.sendall(b"220 mail.example.org ESMTP\r\n")

        thread = threading.Thread(target=greet)
        thread.start()
        port = server.getsockname()[1]
        assert troubles(replace(shop, port=port)) == [(Trouble.NOT_THIS_KIND, DEPLOY)]
        thread.join(10)


def test_tls_that_is_not_there_is_told_and_no_password_is_sent(shop: SourceTarget) -> None:
    with a_server() as plain:
        assert troubles(replace(shop, port=plain.port)) == [(Trouble.TLS_MISSING, DEPLOY)]


def test_accounts_that_take_tls_only_are_told_so(shop: SourceTarget) -> None:
    """As the printed SQL makes them; the server itself says that the password is wrong."""
    clear = replace(shop, tls=Tls.NONE, ca_file="")
    assert troubles(clear) == [(Trouble.TLS_WANTED, DEPLOY), (Trouble.TLS_WANTED, RUN)]
    assert (Trouble.PASSWORD, RUN) in troubles(replace(clear, run_password="wrong"))


def test_a_server_that_takes_tls_only_is_told_so(server: MariaDBServer, shop: SourceTarget) -> None:
    server.run_script("ALTER USER `shop run`@`%` REQUIRE NONE")
    server.run_script("SET GLOBAL require_secure_transport = ON")
    try:
        clear = replace(shop, tls=Tls.NONE, ca_file="")
        outcome = check(clear)
    finally:
        server.run_script("SET GLOBAL require_secure_transport = OFF")
        server.run_script("ALTER USER `shop run`@`%` REQUIRE SSL")
    assert isinstance(outcome, SourceUnfit)
    assert [each.trouble for each in outcome.diagnoses] == [Trouble.TLS_WANTED] * 2


def test_rights_that_are_missing_are_named(server: MariaDBServer, shop: SourceTarget) -> None:
    deploy, run = "`shop deploy`@`%`", "`shop run`@`%`"
    server.run_script(f"REVOKE CREATE ROUTINE ON postroad.* FROM {deploy}")
    assert troubles(shop) == [(Trouble.NO_CREATE, DEPLOY)]
    server.run_script(f"GRANT CREATE ROUTINE ON postroad.* TO {deploy}")
    server.run_script(f"REVOKE EXECUTE ON postroad.* FROM {run}")
    assert troubles(shop) == [(Trouble.NO_USAGE, RUN)]
    server.run_script(f"GRANT EXECUTE ON postroad.* TO {run}")
    server.run_script(f"GRANT SELECT, DELETE ON sales.invoice TO {run}")
    server.run_script(f"GRANT INSERT ON sales.invoice TO {deploy}")
    outcome = check(shop)
    assert isinstance(outcome, SourceAnswers)
    warned = [(each.trouble, each.role) for each in outcome.warnings]
    assert warned == [(Trouble.MAY_WRITE, DEPLOY), (Trouble.MAY_READ, RUN)]
    server.run_script(f"REVOKE SELECT, DELETE ON sales.invoice FROM {run}")
    server.run_script(f"REVOKE INSERT ON sales.invoice FROM {deploy}")


def test_the_run_account_reads_and_writes_nothing(
    server: MariaDBServer, shop: SourceTarget
) -> None:
    with (
        closing(server.connect(user=shop.run_user, password=PASSWORD)) as connection,
        connection.cursor() as cursor,
    ):
        for statement in (
            "SELECT 1 FROM my_shop.Person",
            "CREATE TABLE postroad.mine (a int)",
            "INSERT INTO sales.line VALUES (1, 1)",
            "CREATE PROCEDURE postroad.mine() SELECT 1",
        ):
            with pytest.raises(pymysql.OperationalError, match="denied"):
                cursor.execute(statement)


def test_deploying_reads_only_unless_it_writes(shop: SourceTarget) -> None:
    with (
        pytest.raises(SourceRefusal) as refused,
        connected(shop, DEPLOY) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("INSERT INTO sales.line VALUES (1, 1)")
    assert refused.value.diagnosis.trouble == Trouble.NOT_ALLOWED
    with connected(shop, DEPLOY, is_writing=True) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE PROCEDURE postroad.mine() SELECT 1")
        cursor.execute("DROP PROCEDURE postroad.mine")


def test_a_statement_that_would_run_for_hours_is_stopped_and_says_so(
    server: MariaDBServer, shop: SourceTarget
) -> None:
    server.run_script(
        """CREATE VIEW my_shop.endless AS SELECT a.seq FROM seq_1_to_1000000 AS a
        JOIN seq_1_to_1000000 AS b ON a.seq + b.seq = -1;""",
        "my_shop",
    )
    try:
        impatient = replace(shop, timeout_seconds=1)
        outcome = read_sample(impatient, table_of(schema_of(impatient), "endless"))
    finally:
        server.run_script("DROP VIEW my_shop.endless")
    assert isinstance(outcome, Diagnosis)
    assert outcome.trouble == Trouble.TOO_SLOW


def test_a_locked_table_is_told_and_not_waited_for(
    server: MariaDBServer, shop: SourceTarget
) -> None:
    table = table_of(schema_of(shop), "Person")
    with closing(server.connect("my_shop")) as other, other.cursor() as cursor:
        cursor.execute("LOCK TABLES Person WRITE")
        outcome = read_sample(replace(shop, timeout_seconds=1), table)
    assert isinstance(outcome, Diagnosis)
    assert outcome.trouble in (Trouble.LOCKED, Trouble.TOO_SLOW)


def test_every_kind_of_column_is_known(shop: SourceTarget) -> None:
    person = table_of(schema_of(shop), "Person")
    assert {column.name: column.kind for column in person.columns} == {
        "id": Kind.INTEGER,
        "E-Mail": Kind.TEXT,
        "full_name": Kind.TEXT,
        "time_zone": Kind.TEXT,
        "newsletter": Kind.BOOLEAN,
        "born": Kind.DATE,
        "joined": Kind.MOMENT,
        "seen": Kind.TIMESTAMP,
        "points": Kind.INTEGER,
        "spent": Kind.DECIMAL,
        "weight": Kind.FLOAT,
        "facts": Kind.JSON,
        "notes": Kind.TEXT,
        "level": Kind.TEXT,
        "photo": Kind.OTHER,
        "code": Kind.TEXT,
    }
    spent = person.column("spent")
    assert spent is not None
    assert (spent.type_words, spent.is_nullable, person.key) == ("decimal(10,2)", True, ("id",))


def test_tables_and_keys_are_found_across_databases(shop: SourceTarget) -> None:
    schema = schema_of(shop)
    assert [(str(table.name), table.is_view, table.key) for table in schema.tables] == [
        ("my_shop.Person", False, ("id",)),
        ("my_shop.buyer", True, ()),
        ("my_shop.odd", False, ()),
        ("my_shop.points_to_odd", False, ()),
        ("sales.invoice", False, ("id",)),
        ("sales.line", False, ("n", "invoice_id")),
    ]
    invoice, line = TableName("sales", "invoice"), TableName("sales", "line")
    person, odd = TableName("my_shop", "Person"), TableName("my_shop", "odd")
    pointer = TableName("my_shop", "points_to_odd")
    assert set(schema.foreign_keys) == {
        ForeignKey("invoice_person", invoice, ("person_id",), person, ("id",)),
        ForeignKey("line_invoice", line, ("invoice_id",), invoice, ("id",)),
        ForeignKey("firm", pointer, ("b",), odd, ("b",)),
    }


def test_columns_that_tell_rows_apart_are_known(server: MariaDBServer, shop: SourceTarget) -> None:
    server.run_script(
        """CREATE TABLE my_shop.code (
            code varchar(9) NOT NULL UNIQUE, n int PRIMARY KEY, maybe int UNIQUE,
            part varchar(99) NOT NULL, UNIQUE KEY (part(5)))"""
    )
    unique = table_of(schema_of(shop), "code").unique
    server.run_script("DROP TABLE my_shop.code")
    assert unique == ("n", "code")


def test_the_mapping_is_guessed_by_names_and_values(shop: SourceTarget) -> None:
    schema = schema_of(shop)
    table = table_of(schema, "Person")
    sample = read_sample(shop, table)
    assert isinstance(sample, Sample), sample
    assert len(sample.rows) == 20
    guess = guess_mapping(schema, table, sample, frozenset({"Europe/Vienna"}))
    assert (guess.mapping.key, guess.mapping.address) == ("id", "E-Mail")
    assert (guess.mapping.zone, guess.mapping.consent) == ("time_zone", "newsletter")
    assert guess.notes == ()


def test_what_broke_is_named(server: MariaDBServer, shop: SourceTarget) -> None:
    server.run_script("CREATE TABLE my_shop.pet (id int PRIMARY KEY, age int, name text)")
    before = schema_of(shop)
    server.run_script("ALTER TABLE my_shop.pet DROP age, MODIFY name int")
    broke = compare(before, schema_of(shop))
    assert {(each.change.value, each.name) for each in broke} == {
        ("column gone", "age"),
        ("kind changed", "name"),
    }
    server.run_script("DROP TABLE my_shop.pet")


def test_chinook_is_mapped(
    server: MariaDBServer, certificates: Certificates, test_data: Path
) -> None:
    script = (test_data / "chinook" / "Chinook_MySql.sql").read_text("utf-8")
    server.run_script(script)
    target = SourceTarget(
        Dialect.MARIADB, "127.0.0.1", server.port, "Chinook", "music deploy", "music run",
        PASSWORD, PASSWORD, Tls.VERIFIED, str(certificates.authority), schema="music_postroad",
    )  # fmt: skip
    make_accounts(server, target, "Chinook")
    schema = schema_of(target)
    table = table_of(schema, "Customer", "Chinook")
    sample = read_sample(target, table)
    assert isinstance(sample, Sample), sample
    mapping = guess_mapping(schema, table, sample, frozenset()).mapping
    assert (mapping.key, mapping.address) == ("CustomerId", "Email")
    assert (mapping.first_name, mapping.last_name) == ("FirstName", "LastName")
    assert (len(schema.tables), len(schema.foreign_keys)) == (11, 11)

"""What a MariaDB says it has, and what broke when it is asked again."""

from pathlib import Path

import pytest

from postroad.core.criteria.schema import ForeignKey, Kind, TableName
from postroad.core.source.connection import Dialect, SourceTarget, Tls
from postroad.core.source.drift import compare
from postroad.core.source.mapping import Sample, guess_mapping
from postroad.sources.asking import read_sample
from postroad.testing.certificates import Certificates
from postroad.testing.mariadb import MariaDBServer
from postroad.testing.shop import PASSWORD

from .maria import make_accounts, schema_of, table_of


@pytest.fixture
def server(mariadb_server: MariaDBServer) -> MariaDBServer:
    return mariadb_server


@pytest.fixture
def shop(mariadb_shop: SourceTarget) -> SourceTarget:
    return mariadb_shop


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

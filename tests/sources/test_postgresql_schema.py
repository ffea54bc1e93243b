"""What a PostgreSQL says it has, and what broke when it is asked again."""

from dataclasses import replace
from typing import Any

import pytest

from postroad.core.criteria.schema import Kind, Mapping, Schema, Table, TableName
from postroad.core.source.connection import SourceTarget
from postroad.core.source.drift import Change, compare, mapping_broke
from postroad.core.source.mapping import Guess, Sample, guess_mapping, mapping_faults
from postroad.core.source.snapshot import (
    mapping_from_json,
    mapping_to_json,
    schema_from_json,
    schema_to_json,
)
from postroad.sources.asking import read_sample, read_schema
from postroad.testing.customer import CustomerServer

ZONES = frozenset({"Europe/Vienna", "UTC"})


def schema_of(target: SourceTarget) -> Schema:
    schema = read_schema(target)
    assert isinstance(schema, Schema), schema
    return schema


def table_of(schema: Schema, name: str, of: str = "public") -> Table:
    table = schema.table(TableName(of, name))
    assert table is not None, schema
    return table


def guess_of(target: SourceTarget, name: str) -> tuple[Guess, Sample]:
    schema = schema_of(target)
    table = table_of(schema, name)
    sample = read_sample(target, table)
    assert isinstance(sample, Sample), sample
    return guess_mapping(schema, table, sample, ZONES), sample


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
        "tags": Kind.TEXTS,
        "level": Kind.TEXT,
        "photo": Kind.OTHER,
    }
    spent = person.column("spent")
    assert spent is not None
    assert (spent.type_words, spent.is_nullable, person.key) == ("numeric(10,2)", True, ("id",))


def test_tables_views_and_partitioned_tables_are_there_once(shop: SourceTarget) -> None:
    schema = schema_of(shop)
    names = [(str(table.name), table.is_view) for table in schema.tables]
    assert names == [
        ("public.Person", False), ("public.buyer", True), ("public.code", False),
        ("public.visit", False),
        ("sales.invoice", False), ("sales.line", False),
    ]  # fmt: skip
    assert table_of(schema, "line", "sales").key == ("invoice_id", "n")


def test_columns_that_tell_rows_apart_are_known(shop: SourceTarget) -> None:
    schema = schema_of(shop)
    assert table_of(schema, "code").unique == ("n", "code")
    assert table_of(schema, "Person").unique == ("id",)
    assert table_of(schema, "line", "sales").unique == ()
    mapping = Mapping(TableName("public", "code"), "half", "code")
    assert mapping_faults(schema, mapping).keys() == {"key"}
    assert mapping_faults(schema, replace(mapping, key="code")) == {}


def test_foreign_keys_lead_across_schemas(shop: SourceTarget) -> None:
    found = {
        (str(key.table), key.columns, str(key.target), key.target_columns)
        for key in schema_of(shop).foreign_keys
    }
    assert found == {
        ("sales.invoice", ("person_id",), "public.Person", ("id",)),
        ("sales.line", ("invoice_id",), "sales.invoice", ("id",)),
        ("public.visit", ("person_id",), "public.Person", ("id",)),
    }


def test_what_may_not_be_read_is_not_there(
    customer: CustomerServer, own_shop: SourceTarget
) -> None:
    database, account = own_shop.database, '"own shop deploy"'
    customer.execute(f"REVOKE SELECT ON sales.line FROM {account}", database)
    customer.execute(f'REVOKE SELECT ON "Person" FROM {account}', database)
    customer.execute(f'GRANT SELECT (full_name, born) ON "Person" TO {account}', database)
    schema = schema_of(own_shop)
    person = table_of(schema, "Person")
    assert [column.name for column in person.columns] == ["full_name", "born"]
    assert person.key == ()
    assert schema.table(TableName("sales", "line")) is None
    assert schema.foreign_keys == ()


def test_the_mapping_is_guessed_by_names_and_values(shop: SourceTarget) -> None:
    guess, sample = guess_of(shop, "Person")
    assert guess.mapping == Mapping(
        TableName("public", "Person"), "id", "E-Mail", name="full_name", zone="time_zone",
        consent="newsletter",
    )  # fmt: skip
    assert guess.notes == ()
    assert len(sample.rows) == 20
    assert mapping_faults(schema_of(shop), guess.mapping) == {}


def test_a_view_is_taken_with_a_warning(shop: SourceTarget) -> None:
    guess, _ = guess_of(shop, "buyer")
    assert (guess.mapping.key, guess.mapping.address) == ("person_id", "mail")
    assert any("never there twice" in note for note in guess.notes)


def test_chinook_is_mapped(chinook: SourceTarget) -> None:
    guess, _ = guess_of(chinook, "customer")
    mapping = guess.mapping
    assert (mapping.key, mapping.address) == ("customer_id", "email")
    assert (mapping.first_name, mapping.last_name) == ("first_name", "last_name")
    assert guess.notes == ()
    assert len(schema_of(chinook).tables) == 11
    assert len(schema_of(chinook).foreign_keys) == 11


def test_northwind_has_no_addresses_and_is_told_so(
    customer: CustomerServer, northwind: SourceTarget
) -> None:
    guess, _ = guess_of(northwind, "customers")
    assert (guess.mapping.address, guess.others) == ("", ())
    assert guess.notes[0].startswith("public.customers has no column with e-mail addresses: choose")
    assert mapping_faults(schema_of(northwind), guess.mapping).keys() == {"address"}
    customer.execute(
        """CREATE TABLE subscriber (id int PRIMARY KEY, email text);
        GRANT SELECT ON subscriber TO "northwind deploy";""",
        northwind.database,
    )
    guess, _ = guess_of(northwind, "customers")
    assert guess.others == (TableName("public", "subscriber"),)
    assert guess.notes[0].endswith("choose another table, such as public.subscriber.")


@pytest.mark.parametrize(
    ("statement", "change", "name"),
    [
        ('ALTER TABLE "Person" DROP COLUMN born', Change.COLUMN_GONE, "born"),
        ('ALTER TABLE "Person" RENAME full_name TO label', Change.COLUMN_GONE, "full_name"),
        (
            'ALTER TABLE "Person" ALTER points TYPE text USING points::text',
            Change.KIND_CHANGED,
            "points",
        ),
        ("DROP TABLE visit", Change.TABLE_GONE, ""),
        ("ALTER TABLE sales.line DROP CONSTRAINT line_pkey", Change.KEY_CHANGED, ""),
        ("ALTER TABLE code DROP CONSTRAINT code_code_key", Change.NOT_UNIQUE, "code"),
        ("ALTER TABLE code ALTER code DROP NOT NULL", Change.NOT_UNIQUE, "code"),
        (
            "ALTER TABLE sales.line DROP CONSTRAINT line_invoice_id_fkey",
            Change.FOREIGN_KEY_GONE,
            "line_invoice_id_fkey",
        ),
    ],
)
def test_what_broke_is_named(
    customer: CustomerServer, own_shop: SourceTarget, statement: str, change: Change, name: str
) -> None:
    before = schema_of(own_shop)
    customer.execute(statement, own_shop.database)
    (broke,) = compare(before, schema_of(own_shop))
    assert (broke.change, broke.name) == (change, name)
    assert (name or str(broke.table)) in broke.text


def test_what_came_new_breaks_nothing(customer: CustomerServer, own_shop: SourceTarget) -> None:
    before = schema_of(own_shop)
    customer.execute('ALTER TABLE "Person" ADD age int', own_shop.database)
    after = schema_of(own_shop)
    assert before != after
    assert compare(before, after) == ()


def test_the_mapping_is_broken_by_its_own_columns_only(shop: SourceTarget) -> None:
    guess, _ = guess_of(shop, "Person")
    whole = schema_of(shop)

    def without(*names: str) -> Schema:
        tables: list[Any] = []
        for table in whole.tables:
            kept = tuple(column for column in table.columns if column.name not in names)
            tables.append(replace(table, columns=kept))
        return Schema(tuple(tables), whole.foreign_keys)

    assert mapping_broke(guess.mapping, compare(whole, without("born", "points"))) == ()
    (broke,) = mapping_broke(guess.mapping, compare(whole, without("E-Mail", "born")))
    assert broke.name == "E-Mail"


def test_what_is_kept_is_what_was_seen(shop: SourceTarget) -> None:
    import json

    schema = schema_of(shop)
    assert schema_from_json(json.loads(json.dumps(schema_to_json(schema)))) == schema
    mapping = guess_of(shop, "Person")[0].mapping
    assert mapping_from_json(json.loads(json.dumps(mapping_to_json(mapping)))) == mapping

"""Criteria that somebody else wrote down, with the people that hand-written SQL finds."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from postroad.core.criteria.schema import (
    Column,
    ForeignKey,
    Kind,
    Mapping,
    Schema,
    Table,
    TableName,
)
from postroad.core.criteria.tree import Criteria, Group, GroupKind, Hop, Measure, Operator, Rule
from postroad.sources.compile.routines import deployment
from postroad.sources.compile.where import Server, Site
from postroad.testing.database import TestServer
from postroad.testing.mariadb import MariaDBServer

from .servers import Place
from .shop import related, rule

OPERATORS = {
    "=": Operator.IS,
    ">=": Operator.AT_LEAST,
    "in": Operator.IN,
    "contains": Operator.CONTAINS,
    "ends with": Operator.ENDS,
    "is null": Operator.EMPTY,
    "is not null": Operator.NOT_EMPTY,
}
GROUPS = {"and": GroupKind.ALL, "or": GroupKind.ANY, "not": GroupKind.NONE}


class Shop:
    """One of the databases: how its tables are named, and what leads from people to orders."""

    def __init__(self, server: Server, schema: str, people: str, orders: str, key: str) -> None:
        camel = server is Server.MARIADB
        self.name = _camel if camel else str
        self.server = server
        self.people = TableName(schema, self.name(people))
        self.orders = TableName(schema, self.name(orders))
        self.key = self.name(key)
        self.hop = Hop(self.orders, "buyer", is_back=True)

    def site(self, columns: tuple[str, ...]) -> Site:
        texts = tuple(Column(self.name(one), Kind.TEXT) for one in columns)
        key_kind = Kind.INTEGER if "company_name" not in columns else Kind.TEXT
        people = Table(self.people, (Column(self.key, key_kind), *texts), (self.key,))
        orders = Table(
            self.orders,
            (Column(self.key, key_kind), Column(self.name("total"), Kind.DECIMAL)),
        )
        buyer = ForeignKey("buyer", self.orders, (self.key,), self.people, (self.key,))
        mapping = Mapping(self.people, self.key, self.name(columns[0]))
        return Site(self.server, Schema((people, orders), (buyer,)), mapping)

    def rule(self, tree: Any) -> Rule:
        """Of the form that the criteria are written down in."""
        match tree:
            case dict():
                ((kind, inner),) = tree.items()
                several = [inner] if kind == "not" else inner
                return Group(GROUPS[kind], tuple(map(self.rule, several)))
            case ["sum(invoice.total)", operator, value]:
                return related(
                    (self.hop,),
                    Measure.SUM,
                    field=self.name("total"),
                    operator=OPERATORS[operator],
                    value=value,
                )
            case ["orders", "=", 0]:
                return related((self.hop,), Measure.HAS_NONE)
            case [column, operator]:
                return rule(self.name(column), OPERATORS[operator])
            case [column, operator, value]:
                known = tuple(value) if isinstance(value, list) else value
                return rule(self.name(column), OPERATORS[operator], known)
        raise AssertionError(tree)


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


@pytest.fixture(scope="module")
def written(test_data: Path) -> dict[str, Any]:
    return {
        name: json.loads((test_data / "criteria" / f"{name}.json").read_text())
        for name in ("chinook", "northwind")
    }


CHINOOK = ("email", "country", "company")
NORTHWIND = ("company_name", "country", "contact_title", "fax", "region")


@pytest.mark.parametrize("number", range(4))
def test_chinook_on_postgresql(chinook: Place, written: dict[str, Any], number: int) -> None:
    shop = Shop(Server.POSTGRESQL, "public", "customer", "invoice", "customer_id")
    _holds(chinook, shop, CHINOOK, written["chinook"]["criteria"][number])


@pytest.mark.parametrize("number", range(3))
def test_northwind_on_postgresql(northwind: Place, written: dict[str, Any], number: int) -> None:
    shop = Shop(Server.POSTGRESQL, "public", "customers", "orders", "customer_id")
    _holds(northwind, shop, NORTHWIND, written["northwind"]["criteria"][number])


@pytest.mark.parametrize("number", range(4))
def test_chinook_on_mariadb(
    chinook_in_mariadb: Place, written: dict[str, Any], number: int
) -> None:
    shop = Shop(Server.MARIADB, "Chinook", "customer", "invoice", "customer_id")
    _holds(chinook_in_mariadb, shop, CHINOOK, written["chinook"]["criteria"][number])


def _holds(place: Place, shop: Shop, columns: tuple[str, ...], known: dict[str, Any]) -> None:
    """The deployed routine returns as many people as are written down, and the same."""
    rules = Criteria(Group(GroupKind.ALL, (shop.rule(known["tree"]),)))
    name = f"known_{known['id']}"
    place.deploy(deployment(rules, shop.site(columns), name, known["criterion"]))
    keys = [row[0] for row in place.call("postroad", name)]
    assert len(keys) == known["expected"]
    assert _hash(keys) == known["sha256_sorted_keys"]


def _hash(keys: list[str]) -> str:
    return hashlib.sha256("\n".join(sorted(keys)).encode()).hexdigest()


@pytest.fixture(scope="module")
def chinook(postgres_server: TestServer, test_data: Path) -> Iterator[Place]:
    """Its script makes a database of its own and goes there; this one stays where it is."""
    script = (test_data / "chinook" / "Chinook_PostgreSql.sql").read_text()
    lines = script.splitlines()
    kept = [one for one in lines if not one.startswith(("\\c", "DROP DATABASE", "CREATE DATABASE"))]
    yield from _in_postgresql(postgres_server, "chinook", "\n".join(kept))


@pytest.fixture(scope="module")
def northwind(postgres_server: TestServer, test_data: Path) -> Iterator[Place]:
    script = (test_data / "northwind" / "northwind.sql").read_text()
    yield from _in_postgresql(postgres_server, "northwind", script)


def _in_postgresql(server: TestServer, name: str, script: str) -> Iterator[Place]:
    def fill(dsn: str) -> None:
        with psycopg.connect(dsn) as connection:
            connection.execute(script.encode())
            connection.execute("CREATE SCHEMA postroad")

    server.make_template(name, fill)
    with server.clone(name) as dsn, psycopg.connect(dsn, autocommit=True) as connection:
        yield Place(Server.POSTGRESQL, "public", connection.cursor())


@pytest.fixture(scope="module")
def chinook_in_mariadb(mariadb: MariaDBServer, test_data: Path) -> Iterator[Place]:
    mariadb.run_script((test_data / "chinook" / "Chinook_MySql.sql").read_text())
    with closing(mariadb.connect()) as connection, connection.cursor() as cursor:
        place = Place(Server.MARIADB, "Chinook", cursor)
        place.run("CREATE SCHEMA postroad")
        yield place
        place.run("DROP SCHEMA postroad", "DROP SCHEMA Chinook")

"""Rules evaluated in Python and as SQL mean the same people, on each server."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from postroad.core.criteria.comparison import json_text
from postroad.core.criteria.evaluate import people_of
from postroad.sources.compile.statements import keys_sql
from postroad.sources.compile.where import Server, Site

from .servers import Place, mariadb_place, postgresql_place
from .shop import SCHEMA
from .world import NOW, Asking, mapping_in, rows_in, schema_in, tables

POSTGRESQL = """
CREATE SCHEMA world;
CREATE TABLE world.person (
    id bigint PRIMARY KEY, word text COLLATE "C", whole bigint, price numeric(20,2),
    score float8, is_on boolean, day date, wall timestamp, seen timestamptz, data jsonb,
    tags text[], friend bigint);
CREATE TABLE world.bill (
    id bigint PRIMARY KEY, person bigint, price numeric(20,2), day date,
    word varchar(20) COLLATE "C", data json, score float8);
CREATE TABLE world.line (
    bill bigint, n bigint, word text COLLATE "C", whole bigint, PRIMARY KEY (bill, n));
CREATE TABLE world.note (id bigint PRIMARY KEY, bill bigint, n bigint, seen timestamptz);
"""
MARIADB = """
CREATE TABLE person (
    id bigint PRIMARY KEY, word longtext, whole bigint, price decimal(20,2),
    score double, is_on boolean, day date, wall datetime(6), seen timestamp(6) NULL, data json,
    tags json, friend bigint);
CREATE TABLE bill (
    id bigint PRIMARY KEY, person bigint, price decimal(20,2), day date,
    word varchar(20), data json, score double);
CREATE TABLE line (bill bigint, n bigint, word text, whole bigint, PRIMARY KEY (bill, n));
CREATE TABLE note (id bigint PRIMARY KEY, bill bigint, n bigint, seen timestamp(6) NULL);
"""


@pytest.fixture(scope="module", params=list(Server))
def world(request: pytest.FixtureRequest) -> Iterator[Place]:
    with ExitStack() as stack:
        if request.param is Server.POSTGRESQL:
            template = request.getfixturevalue("shop_template")
            server = request.getfixturevalue("postgres_server")
            place = stack.enter_context(postgresql_place(server, template, SCHEMA))
            place.run(POSTGRESQL)
            place = replace(place, schema="world")
        else:
            server = request.getfixturevalue("mariadb")
            place = stack.enter_context(mariadb_place(server, MARIADB))
        yield place


def test_python_and_the_server_mean_the_same_people(world: Place) -> None:
    site = Site(world.server, schema_in(world.schema), mapping_in(world.schema), now=NOW)
    trees = st.lists(Asking(world.schema).criteria(), min_size=1, max_size=4)

    @given(made=tables(), asked=trees)
    def agree(made: dict[str, list[dict[str, Any]]], asked: list[Any]) -> None:
        _fill(world, made)
        rows = rows_in(world.schema, made)
        for criteria in asked:
            sql = keys_sql(criteria, site)
            note(sql)
            found = sorted(key for (key,) in world.rows(sql))
            assert found == people_of(criteria, rows, NOW), criteria

    agree()


def _fill(world: Place, made: dict[str, list[dict[str, Any]]]) -> None:
    as_cell: Callable[[str, Any], Any] = (
        _postgresql_cell if world.server is Server.POSTGRESQL else _mariadb_cell
    )
    for table, rows in made.items():
        world.run(f"DELETE FROM {world.schema}.{table}")
        for row in rows:
            marks = ", ".join(["%s"] * len(row))
            names = ", ".join(row)
            values = [as_cell(name, cell) for name, cell in row.items()]
            sql = f"INSERT INTO {world.schema}.{table} ({names}) VALUES ({marks}) RETURNING 1"
            world.rows(sql, *values)


def _postgresql_cell(name: str, cell: Any) -> Any:
    return json_text(cell) if name == "data" and cell is not None else cell


def _mariadb_cell(name: str, cell: Any) -> Any:
    """Arrays are JSON there, with every letter but the plainest escaped."""
    if cell is None:
        return None
    if name == "data":
        return json_text(cell)
    if name == "tags":
        return json.dumps(cell)
    if isinstance(cell, datetime) and cell.tzinfo is not None:
        return cell.astimezone(UTC).replace(tzinfo=None)
    return cell

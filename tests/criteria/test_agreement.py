"""Rules evaluated in Python and as SQL mean the same people, on each server."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from postroad.core.criteria.comparison import json_text
from postroad.core.criteria.evaluate import Elsewhere, Rows, people_of
from postroad.core.criteria.schema import Kind, Table, TableName
from postroad.core.criteria.schema import Mapping as Mapped
from postroad.core.criteria.tree import Condition, Criteria, Field, Operator
from postroad.core.ids import AudienceId
from postroad.sources.compile import mariadb as mariadb_words
from postroad.sources.compile import postgresql as postgresql_words
from postroad.sources.compile.statements import keys_sql
from postroad.sources.compile.where import Server, Site
from postroad.testing.criteria import AUDIENCES, CAMPAIGN, STATES, trees
from postroad.testing.criteria_rows import (
    MARIADB,
    MARIADB_TYPES,
    PERSON,
    POSTGRESQL,
    POSTGRESQL_TYPES,
    SCHEMA,
    databases,
    nows,
)

from .aiming import Cells
from .servers import Place, mariadb_place, postgresql_place
from .shop import SCHEMA as PLACE
from .shop import criteria, moved

TYPES: Mapping[Server, Mapping[Kind, str]] = {
    Server.POSTGRESQL: POSTGRESQL_TYPES,
    Server.MARIADB: MARIADB_TYPES | {Kind.TEXTS: "json"},
}
ELSEWHERE = """
CREATE TABLE {schema}.member (version int, person bigint);
CREATE TABLE {schema}.run (id int, campaign_id int);
INSERT INTO {schema}.run VALUES (1, 41), (2, 42);
CREATE TABLE {schema}.delivery (run_id int, n int, contact_key varchar(20));
CREATE TABLE {schema}.delivery_state (run_id int, n int, state varchar(20));
"""
MEMBERS = """
CREATE FUNCTION postroad.audience_7_v{version}() RETURNS TABLE (contact_key text)
LANGUAGE sql STABLE AS 'SELECT person::text FROM shop.member WHERE version = {version}'
"""


@dataclass
class World:
    """Everything that an example drew."""

    now: datetime
    rows: Rows
    elsewhere: Elsewhere
    asked: list[Criteria]


@st.composite
def worlds(draw: Any, server: Server) -> World:
    reach = POSTGRESQL if server is Server.POSTGRESQL else MARIADB
    now = draw(nows())
    some = st.frozensets(st.integers(1, 4), max_size=3)
    elsewhere = Elsewhere(
        {audience: draw(some) for audience in AUDIENCES},
        {(CAMPAIGN, state): draw(some) for state in STATES},
    )
    rows = draw(databases(now, reach, people=(3, 4)))
    cells = Cells(draw, rows)
    drawn = draw(st.lists(trees(now, reach), min_size=3, max_size=5))
    groups = [cells.aimed(one.root) for one in drawn]
    each = [criteria(rule) for group in groups for rule in group.rules]
    return World(now, rows, elsewhere, [*map(Criteria, groups), *each])


@pytest.fixture(scope="module", params=list(Server))
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    with ExitStack() as stack:
        if request.param is Server.POSTGRESQL:
            template = request.getfixturevalue("shop_template")
            server = request.getfixturevalue("postgres_server")
            made = stack.enter_context(postgresql_place(server, template, PLACE))
            made.run("CREATE SCHEMA postroad")
        else:
            server = request.getfixturevalue("mariadb")
            made = stack.enter_context(mariadb_place(server, "SELECT 1"))
        made.run(*(_table_sql(made, table) for table in SCHEMA.tables))
        made.run(*ELSEWHERE.format(schema=made.schema).strip().rstrip(";").split(";"))
        if made.server is Server.POSTGRESQL:
            made.run(*(MEMBERS.format(version=version) for _, version in AUDIENCES))
        yield made


def _name(place: Place, *parts: str) -> str:
    words = postgresql_words if place.server is Server.POSTGRESQL else mariadb_words
    return ".".join(map(words.name, parts))


def _table_sql(place: Place, table: Table) -> str:
    types = TYPES[place.server]
    columns = [f"{_name(place, one.name)} {types[one.kind]}" for one in table.columns]
    key = ", ".join(_name(place, one) for one in table.key)
    whole = _name(place, place.schema, table.name.name)
    return f"CREATE TABLE {whole} ({', '.join(columns)}, PRIMARY KEY ({key}))"


def test_python_and_the_server_mean_the_same_people(place: Place) -> None:
    mapping = Mapped(TableName(place.schema, PERSON.name), "id", "name")
    site = Site(place.server, moved(SCHEMA, place.schema), mapping)

    @given(worlds(place.server))
    def agree(world: World) -> None:
        _fill(place, world)
        for asked in world.asked:
            sql = keys_sql(moved(asked, place.schema), _at(site, world))
            note(sql)
            found = sorted(key for (key,) in place.rows(sql))
            assert found == sorted(people_of(asked, world.rows, world.now, world.elsewhere))

    agree()


def _at(site: Site, world: World) -> Site:
    if site.server is Server.POSTGRESQL:
        return replace(site, now=world.now)

    def definition_of(audience_id: AudienceId, version: int) -> Criteria:
        keys = tuple(world.elsewhere.audience(audience_id, version))
        return criteria(Condition(Field("id"), Operator.IN, keys or (-1,)))

    return replace(site, now=world.now, definition_of=definition_of)


# Rows.


def _fill(place: Place, world: World) -> None:
    for table in SCHEMA.tables:
        cells = [
            [_cell(place, column.kind, row[column.name]) for column in table.columns]
            for row in world.rows.tables[table.name]
        ]
        _replace(place, table.name.name, cells)
    members = [
        [version, key]
        for (_, version), keys in world.elsewhere.audiences.items()
        for key in sorted(keys)
    ]
    _replace(place, "member", members)
    outcomes = enumerate(
        (str(key), state)
        for (_, state), keys in world.elsewhere.outcomes.items()
        for key in sorted(keys)
    )
    known = [(n, key, state) for n, (key, state) in outcomes]
    _replace(place, "delivery", [[1, n, key] for n, key, _ in known])
    _replace(place, "delivery_state", [[1, n, state] for n, _, state in known])


def _replace(place: Place, table: str, rows: list[list[Any]]) -> None:
    whole = _name(place, place.schema, table)
    place.run(f"DELETE FROM {whole}")
    if rows:
        marks = f"({', '.join(['%s'] * len(rows[0]))})"
        values = [cell for row in rows for cell in row]
        sql = f"INSERT INTO {whole} VALUES {', '.join([marks] * len(rows))} RETURNING 1"
        place.rows(sql, *values)


def _cell(place: Place, kind: Kind, cell: Any) -> Any:
    """As the driver takes it. On MariaDB arrays are JSON, all but the plainest letters escaped."""
    if cell is None:
        return None
    if kind is Kind.JSON:
        return json_text(cell)
    if place.server is Server.POSTGRESQL:
        return cell
    match kind:
        case Kind.TEXTS:
            return json.dumps(cell)
        case Kind.MOMENT:
            return cell.astimezone(UTC).replace(tzinfo=None)
        case _:
            return cell

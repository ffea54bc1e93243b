"""The strategies' schema on each server, filled with the rows of an example."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from postroad.core.criteria.comparison import json_text
from postroad.core.criteria.evaluate import Elsewhere, Rows
from postroad.core.criteria.schema import Kind, Table, TableName
from postroad.core.criteria.schema import Mapping as Mapped
from postroad.core.criteria.tree import Condition, Criteria, Field, Operator
from postroad.core.ids import AudienceId
from postroad.sources.compile import mariadb as mariadb_words
from postroad.sources.compile import postgresql as postgresql_words
from postroad.sources.compile.statements import keys_sql
from postroad.sources.compile.where import Server, Site
from postroad.testing.criteria import AUDIENCES
from postroad.testing.criteria_rows import MARIADB_TYPES, PERSON, POSTGRESQL_TYPES, SCHEMA

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
    """What rules are asked of."""

    now: datetime
    rows: Rows
    elsewhere: Elsewhere


@contextmanager
def empty_place(request: pytest.FixtureRequest) -> Iterator[Place]:
    """The tables, on the server that is the parameter of a fixture."""
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


def keys(asked: Criteria, place: Place, world: World) -> str:
    """The SQL of criteria over what `fill` put there."""
    mapping = Mapped(TableName(place.schema, PERSON.name), "id", "name")
    site = Site(place.server, moved(SCHEMA, place.schema), mapping)
    return keys_sql(moved(asked, place.schema), _at(site, world))


def _at(site: Site, world: World) -> Site:
    if site.server is Server.POSTGRESQL:
        return replace(site, now=world.now)

    def definition_of(audience_id: AudienceId, version: int) -> Criteria:
        keys = tuple(world.elsewhere.audience(audience_id, version))
        return criteria(Condition(Field("id"), Operator.IN, keys or (-1,)))

    return replace(site, now=world.now, definition_of=definition_of)


# Rows.


def fill(place: Place, world: World) -> None:
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

"""An audience's version as a routine of its own in the database of its people."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace

import psycopg
import pymysql
import pytest

from postroad.core.criteria.tree import Criteria, InAudience, Measure, Operator
from postroad.core.criteria.values import Span, Unit
from postroad.core.ids import AudienceId
from postroad.sources.compile.routines import deployment
from postroad.sources.compile.statements import keys_sql
from postroad.sources.compile.where import CannotCompile, Server, Site
from postroad.testing.database import TestServer
from postroad.testing.mariadb import MariaDBServer

from .servers import Place, mariadb_place, postgresql_place
from .shop import (
    INVOICES,
    MARIADB,
    SCHEMA,
    any_of,
    criteria,
    mapping_in,
    moved,
    related,
    rule,
    schema_in,
)

ROUTINES = "postroad"
AMERICANS = criteria(rule("country", Operator.IN, ("USA", "Canada")))


@pytest.fixture(params=list(Server))
def own(request: pytest.FixtureRequest) -> Iterator[Place]:
    """The shop, of the test's own, with a schema for routines."""
    with ExitStack() as stack:
        if request.param is Server.POSTGRESQL:
            template = request.getfixturevalue("shop_template")
            server = request.getfixturevalue("postgres_server")
            place = stack.enter_context(postgresql_place(server, template, SCHEMA))
        else:
            server = request.getfixturevalue("mariadb")
            place = stack.enter_context(mariadb_place(server, MARIADB))
            stack.callback(place.run, f"DROP SCHEMA {ROUTINES}")
        place.run(f"CREATE SCHEMA {ROUTINES}")
        yield place


def _site(place: Place) -> Site:
    schema, mapping = schema_in(place.schema), mapping_in(place.schema)
    return Site(place.server, schema, mapping, ROUTINES, definition_of=lambda *_: AMERICANS)


def _deploy(place: Place, wanted: Criteria, name: str, *, is_atomic: bool = True) -> str:
    made = deployment(wanted, _site(place), name, "“it's”\\", is_atomic=is_atomic)
    place.deploy(made)
    return made.sql


def _keys(place: Place, name: str) -> list[str]:
    return sorted(row[0] for row in place.call(ROUTINES, name))


@pytest.mark.parametrize("is_atomic", [True, False])
def test_a_routine_returns_its_people_each_time_it_runs(own: Place, *, is_atomic: bool) -> None:
    _deploy(own, AMERICANS, "audience_7_v1", is_atomic=is_atomic)
    assert _keys(own, "audience_7_v1") == ["1", "2"]
    own.run(f"UPDATE {own.schema}.customer SET country = 'USA' WHERE id = 4")
    assert _keys(own, "audience_7_v1") == ["1", "2", "4"]


def test_a_version_is_never_replaced(own: Place) -> None:
    _deploy(own, AMERICANS, "audience_7_v1")
    with pytest.raises((psycopg.errors.DuplicateFunction, pymysql.err.OperationalError)):
        _deploy(own, criteria(), "audience_7_v1")
    _deploy(own, criteria(), "audience_7_v2")
    assert _keys(own, "audience_7_v1") == ["1", "2"]
    assert _keys(own, "audience_7_v2") == ["1", "2", "3", "4"]


@pytest.mark.parametrize("is_atomic", [True, False])
def test_a_routine_may_ask_who_is_in_another(own: Place, *, is_atomic: bool) -> None:
    _deploy(own, AMERICANS, "audience_7_v1", is_atomic=is_atomic)
    has = moved(related((INVOICES,), Measure.HAS, rule("total", Operator.MORE, 6)), own.schema)
    wanted = criteria(InAudience(AudienceId(7), 1), has)
    _deploy(own, wanted, "audience_8_v1", is_atomic=is_atomic)
    assert _keys(own, "audience_8_v1") == ["1"]


def test_another_audience_is_asked_by_keys_of_any_collation(
    postgres_server: TestServer, shop_template: str
) -> None:
    with postgresql_place(postgres_server, shop_template, SCHEMA) as place:
        place.run(f"CREATE SCHEMA {ROUTINES}")
        mapping = replace(mapping_in(SCHEMA), key="email")
        site = Site(Server.POSTGRESQL, schema_in(SCHEMA), mapping, ROUTINES)
        place.deploy(deployment(AMERICANS, site, "audience_7_v1", ""))
        asked = criteria(InAudience(AudienceId(7), 1), rule("id", Operator.MORE, 1))
        place.deploy(deployment(asked, site, "audience_8_v1", ""))
        assert _keys(place, "audience_8_v1") == ["b@x.example"]


def test_an_audience_that_nobody_knows_is_no_rule_on_mariadb() -> None:
    site = Site(Server.MARIADB, schema_in("x"), mapping_in("x"), ROUTINES)
    with pytest.raises(CannotCompile, match=r"Rule 1: the rules of the other audience"):
        keys_sql(criteria(InAudience(AudienceId(7), 1)), site)


def test_an_audience_within_itself_is_refused_on_mariadb() -> None:
    itself = criteria(InAudience(AudienceId(7), 1))
    known = lambda *_: itself  # noqa: E731 - named for what it is
    site = Site(Server.MARIADB, schema_in("x"), mapping_in("x"), ROUTINES, definition_of=known)
    with pytest.raises(CannotCompile, match=r"Rule 1: in audience 7.* too deep"):
        keys_sql(itself, site)


def test_a_routine_reads_the_clock_each_time(own: Place) -> None:
    _deploy(own, criteria(rule("seen", Operator.IN_LAST, Span(1, Unit.WEEKS))), "audience_7_v1")
    now = "now()" if own.server is Server.POSTGRESQL else "utc_timestamp(6)"
    own.run(f"UPDATE {own.schema}.customer SET seen = NULL")
    assert _keys(own, "audience_7_v1") == []
    own.run(f"UPDATE {own.schema}.customer SET seen = {now} WHERE id = 2")
    if own.server is Server.MARIADB:
        own.run("SET time_zone = '+11:00'")
    assert _keys(own, "audience_7_v1") == ["2"]


def test_a_routine_can_be_read(own: Place) -> None:
    has = moved(related((INVOICES,), Measure.HAS, rule("total", Operator.MORE, 6)), own.schema)
    wanted = criteria(any_of(has, rule("country", Operator.IS, "USA")))
    sql = _deploy(own, wanted, "audience_7_v1")
    lines = [line.strip().replace("`", "") for line in sql.splitlines()]
    start = lines.index(f"FROM {own.schema}.customer AS customer")
    assert lines[start + 1 :] == [
        "WHERE (",
        "EXISTS (",
        "SELECT 1",
        f"FROM {own.schema}.invoice AS invoice",
        "WHERE",
        "invoice.customer = customer.id",
        "AND invoice.total > 6",
        ")",
        f"OR customer.country = {_literal(own)}",
        ");",
        "END",
    ]
    assert "EXECUTE" not in sql.upper()


def _literal(own: Place) -> str:
    return "E'USA'" if own.server is Server.POSTGRESQL else "_utf8mb4 X'555341' /* USA */"


def test_whoever_may_only_run_it_reads_no_table(
    postgres_server: TestServer, shop_template: str
) -> None:
    with postgresql_place(postgres_server, shop_template, SCHEMA) as place:
        place.run(f"CREATE SCHEMA {ROUTINES}")
        _deploy(place, AMERICANS, "audience_7_v1")
        place.run("CREATE ROLE runner", f"GRANT USAGE ON SCHEMA {ROUTINES}, shop TO runner")
        try:
            place.run("SET ROLE runner")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                _keys(place, "audience_7_v1")
            place.run(
                "RESET ROLE",
                f"GRANT EXECUTE ON FUNCTION {ROUTINES}.audience_7_v1 TO runner",
                "SET ROLE runner",
                "CREATE TEMP TABLE customer (id int, country text)",
                "SET search_path = pg_temp, public",
            )
            assert _keys(place, "audience_7_v1") == ["1", "2"]
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                place.rows("SELECT id FROM shop.customer")
        finally:
            place.run("RESET ROLE", "DROP OWNED BY runner", "DROP ROLE runner")


def test_whoever_may_only_call_it_reads_no_table(mariadb: MariaDBServer) -> None:
    with mariadb_place(mariadb, MARIADB) as place:
        place.run(f"CREATE SCHEMA {ROUTINES}")
        try:
            _deploy(place, AMERICANS, "audience_7_v1")
            place.run(
                "CREATE USER runner@'%' IDENTIFIED BY 'runner'",
                f"GRANT EXECUTE ON PROCEDURE {ROUTINES}.audience_7_v1 TO runner@'%'",
            )
            with (
                closing(mariadb.connect(user="runner", password="runner")) as connection,
                connection.cursor() as cursor,
            ):
                runner = Place(Server.MARIADB, place.schema, cursor)
                assert _keys(runner, "audience_7_v1") == ["1", "2"]
                with pytest.raises(pymysql.err.OperationalError, match="denied"):
                    runner.rows(f"SELECT id FROM {place.schema}.customer")
        finally:
            place.run(f"DROP SCHEMA {ROUTINES}", "DROP USER IF EXISTS runner@'%'")

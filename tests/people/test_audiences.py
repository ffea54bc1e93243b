"""Audiences as stored routines on real PostgreSQL."""

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroad.actions import deploy_audience
from postroad.core.audience import Definition, Everyone, HandPicked, Tagged
from postroad.core.ids import AudienceId, ContactId
from postroad.core.saved import Gone, Refused, Saved, Unchanged
from postroad.sources.contacts import compile_audience, routine_name
from postroad.sources.deploy import deploy_routine
from postroad.sources.literals import identifier, integer_list, text_literal

from .conftest import ACTOR, a_person

Rows = Callable[..., list[tuple[Any, ...]]]
Fill = Callable[..., None]

INJECTIONS = [
    "'; DROP TABLE contact; --",
    "\\'; DROP TABLE contact; --",
    "\\",
    "''",
    "%s %(x)s %",
    "_",
    "\u2019 \u02bc \uff07",
    "$$ $q$",
    "/* */ --",
    "E'\\x00'",
    "line\nbreak",
    "{name}",
]


def create(name: str, definition: Definition) -> AudienceId:
    from postroad.store.writes import audience

    outcome = deploy_audience.create_audience(audience, name, definition, ACTOR)
    assert isinstance(outcome, Saved), outcome
    return outcome.id


def redeploy(audience_id: AudienceId, definition: Definition) -> object:
    from postroad.store.writes import audience

    return deploy_audience.deploy_audience(audience, audience_id, definition, ACTOR)


def people(rows: Rows, audience_id: AudienceId, version: int) -> set[str]:
    name = routine_name(audience_id, version)
    return {address for (address,) in rows(f"SELECT address FROM {name}()")}


@pytest.fixture
def filled(fill: Fill) -> None:
    fill(
        a_person("ann@x.org", "Ann Lee", company="Acme", tags=("press",), attributes={"a": "1"}),
        a_person("bob@x.org", tags=("press", "vip")),
        a_person("carl@x.org", "Carl Ray", zone="UTC"),
    )


@pytest.mark.usefixtures("filled")
def test_a_version_returns_the_same_people_after_the_next_was_deployed(rows: Rows) -> None:
    key = create("Press", Tagged(("press",)))
    before = people(rows, key, 1)
    assert isinstance(redeploy(key, Everyone()), Saved)
    assert people(rows, key, 1) == before == {"ann@x.org", "bob@x.org"}
    assert people(rows, key, 2) == {"ann@x.org", "bob@x.org", "carl@x.org"}


@pytest.mark.usefixtures("filled")
def test_a_routine_returns_the_variables_of_a_mail(rows: Rows) -> None:
    key = create("All", Everyone())
    name = routine_name(key, 1)
    found = rows(f"SELECT address_key, name, zone, data FROM {name}() ORDER BY address_key")
    assert found == [
        ("ann@x.org", "Ann Lee", "", {"a": "1", "address": "ann@x.org", "name": "Ann Lee",
         "first_name": "Ann", "last_name": "Lee", "company": "Acme"}),
        ("bob@x.org", "", "", {"address": "bob@x.org"}),
        ("carl@x.org", "Carl Ray", "UTC", {"address": "carl@x.org", "name": "Carl Ray",
         "first_name": "Carl", "last_name": "Ray"}),
    ]  # fmt: skip
    (shape,) = rows("SELECT pg_get_function_result(%s::regprocedure)", f"{name}()")
    assert shape == (
        "TABLE(contact_key text, address text, address_key text, name text, zone text, data jsonb)",
    )


@pytest.mark.usefixtures("filled")
def test_hand_picked_people_are_those_still_in_the_book(rows: Rows) -> None:
    ids: dict[str, int] = dict(rows("SELECT address, id FROM contact"))
    picked = (ContactId(ids["ann@x.org"]), ContactId(ids["carl@x.org"]), ContactId(999))
    key = create("Some", HandPicked(picked))
    assert people(rows, key, 1) == {"ann@x.org", "carl@x.org"}


@pytest.mark.usefixtures("filled")
def test_everything_about_a_deployment_is_on_record(rows: Rows) -> None:
    from postroad.store.reads import audience as reads

    key = create("Press", Tagged(("press",)))
    redeploy(key, Tagged(("vip",)))
    (found,) = reads.audiences()
    assert reads.audience(key) == found
    assert [version.version for version in found.versions] == [2, 1]
    latest = found.latest
    assert latest.definition == Tagged(("vip",))
    assert latest.words == "contacts with the tag “vip”"
    assert latest.deployed_by == ACTOR
    assert latest.sql.startswith(f"CREATE FUNCTION {latest.routine}()")
    assert "E'vip'" in latest.sql
    comment = rows("SELECT obj_description(%s::regprocedure)", f"{latest.routine}()")
    assert comment == [(latest.words,)]
    acts = rows("SELECT text FROM journal WHERE kind = 'audience_deployed' ORDER BY id")
    assert len(acts) == 2


@pytest.mark.usefixtures("book")
def test_the_same_definition_again_deploys_nothing(rows: Rows) -> None:
    key = create("All", Everyone())
    assert isinstance(redeploy(key, Everyone()), Unchanged)
    assert rows("SELECT count(*) FROM audience_version") == [(1,)]


@pytest.mark.usefixtures("book")
def test_a_name_is_used_once_and_a_missing_audience_is_told() -> None:
    from postroad.store.writes import audience

    key = create("All", Everyone())
    again = deploy_audience.create_audience(audience, " All ", Everyone(), ACTOR)
    assert isinstance(again, Refused)
    other = create("Others", Everyone())
    assert isinstance(deploy_audience.rename_audience(audience, other, "All", ACTOR), Refused)
    assert deploy_audience.rename_audience(audience, key, "Everyone", ACTOR) == Saved(key)
    assert isinstance(redeploy(AudienceId(99), Everyone()), Gone)
    assert isinstance(redeploy(key, Tagged(())), Refused)


@pytest.mark.usefixtures("book")
def test_a_failed_deployment_leaves_nothing_behind(rows: Rows) -> None:
    from postroad.store.writes import audience

    def fails(*_: object) -> Any:
        raise RuntimeError("the source is down")

    with pytest.raises(RuntimeError):
        audience.create_audience("All", Everyone(), fails, ACTOR)
    assert rows("SELECT count(*) FROM audience") == [(0,)]


@pytest.mark.usefixtures("filled")
def test_two_who_deploy_at_once_get_two_versions(rows: Rows) -> None:
    from postroad.store.connection import close_connections

    key = create("All", Everyone())
    gate = threading.Barrier(2, timeout=20)

    def deploy(tag: str) -> None:
        gate.wait()
        redeploy(key, Tagged((tag,)))
        close_connections()

    threads = [threading.Thread(target=deploy, args=(tag,)) for tag in ("press", "vip")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert rows("SELECT version FROM audience_version ORDER BY 1") == [(1,), (2,), (3,)]
    assert people(rows, key, 2) != people(rows, key, 3)


@pytest.mark.usefixtures("filled")
def test_counts_tell_people_and_those_who_may_be_mailed() -> None:
    from postroad.actions.suppress_address import suppress_addresses
    from postroad.store.reads import audience as reads
    from postroad.store.writes import suppression

    key = create("All", Everyone())
    suppress_addresses(suppression, "carl@x.org", "", ACTOR)
    found = reads.audience(key)
    assert found is not None
    assert reads.count(found.latest.id) == reads.AudienceCount(3, 2, 1)


@pytest.mark.parametrize("setting", ["on", "off"])
def test_a_tag_is_a_literal_whatever_it_says(setting: str, database: str) -> None:
    with psycopg.connect(database, autocommit=True, connect_timeout=10) as connection:
        connection.execute(f"SET standard_conforming_strings = {setting}")
        for tag in INJECTIONS:
            connection.execute(TAGGED_PERSON, [tag, tag, tag])
        for number, tag in enumerate(INJECTIONS, start=1):
            routine = compile_audience(Tagged((tag,)), AudienceId(number), 1)
            deploy_routine(connection.cursor(), routine)
            found = connection.execute(f"SELECT address FROM {routine.name}()").fetchall()
            assert found == [(tag,)]
            comment = f"SELECT obj_description('{routine.name}()'::regprocedure)"
            assert connection.execute(comment).fetchall() == [(routine.words,)]


TAGGED_PERSON = """
    WITH c AS (INSERT INTO contact (address, address_key) VALUES (%s, %s) RETURNING id),
         t AS (INSERT INTO tag (name) VALUES (%s) RETURNING id)
    INSERT INTO contact_tag (contact_id, tag_id) SELECT c.id, t.id FROM c, t
"""


def test_a_tag_of_a_megabyte_is_still_a_literal(database: str) -> None:
    routine = compile_audience(Tagged(("'\\" * 500_000,)), AudienceId(1), 1)
    with psycopg.connect(database, connect_timeout=10) as connection:
        deploy_routine(connection.cursor(), routine)
        assert connection.execute("SELECT * FROM postroad.audience_1_v1()").fetchall() == []


def test_a_version_is_never_replaced(database: str) -> None:
    routine = compile_audience(Everyone(), AudienceId(1), 1)
    assert "REPLACE" not in routine.sql
    with psycopg.connect(database, connect_timeout=10) as connection:
        deploy_routine(connection.cursor(), routine)
        with pytest.raises(psycopg.errors.DuplicateFunction):
            deploy_routine(connection.cursor(), routine)


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"])
def test_what_no_literal_can_hold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="literal"):
        text_literal(text)


def test_names_and_lists_are_plain_or_refused() -> None:
    with pytest.raises(ValueError, match="plain SQL name"):
        identifier('a"; DROP')
    with pytest.raises(ValueError, match="at least one"):
        integer_list([])
    assert integer_list([1, 2]) == "(1, 2)"


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_a_literal_read_by_the_rules_of_e_strings_is_the_text(text: str) -> None:
    """An independent reader: backslash escapes one character, a doubled quote is one."""
    literal = text_literal(text)
    assert literal.startswith("E'")
    assert literal.endswith("'")
    out, position, inside = [], 0, literal[2:-1]
    while position < len(inside):
        if inside[position] in "\\'":
            assert inside[position + 1] == inside[position]
            position += 1
        out.append(inside[position])
        position += 1
    assert "".join(out) == text

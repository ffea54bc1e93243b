"""Criteria over the built-in contacts, as the function that a run selects from."""

from collections.abc import Iterator

import psycopg
import pytest

from postroad.core.criteria.tree import (
    Condition,
    Criteria,
    Field,
    Happened,
    Hop,
    InAudience,
    Measure,
    Operator,
    Related,
    Rule,
)
from postroad.core.ids import AudienceId, CampaignId
from postroad.sources.contacts import CONTACT, TAGGED, compile_criteria
from postroad.sources.deploy import deploy_routine

from .shop import all_of, criteria, none_of, rule

FILL = """
INSERT INTO contact (id, address, address_key, name, first_name, attributes) VALUES
    (1, 'Ann@x.example', 'ann@x.example', 'Ann Bo', 'Ann', '{"name": "other", "size": 3}'),
    (2, 'bo@x.example', 'bo@x.example', '', '', '{}'),
    (3, 'cy@y.example', 'cy@y.example', 'Cy', 'Cy', '{"size": "3"}');
INSERT INTO tag (id, name) VALUES (1, 'vip'), (2, 'press');
INSERT INTO contact_tag (contact_id, tag_id) VALUES (1, 1), (1, 2), (2, 2);
SET session_replication_role = replica;
INSERT INTO run (campaign_id, routine, audience_version_id, revision_id, relay_id, is_personal,
                 sender_address)
VALUES (41, 'r', 1, 1, 1, true, 's@x.example'), (42, 'r', 1, 1, 1, true, 's@x.example');
INSERT INTO delivery (run_id, n, contact_key, address, hash, lane, batch_id, index, token,
                      message_id)
SELECT run.id, n, n::text, 'a@x.example', '', 'other', 1, n, '', ''
FROM run, generate_series(1, 2) AS n;
INSERT INTO delivery_state (run_id, n, state)
SELECT run_id, n, CASE WHEN n = 1 THEN 'dead' ELSE 'accepted' END FROM delivery;
DELETE FROM delivery WHERE n = 2 AND run_id = (SELECT id FROM run WHERE campaign_id = 42);
"""
TAGS = (Hop(TAGGED, "contact", is_back=True), Hop(TAGGED, "tag", is_back=False))


def tagged(name: str) -> Related:
    return Related(TAGS, Measure.HAS, all_of(rule("name", Operator.IS, name)))


def campaign(number: int, *states: str) -> Happened:
    return Happened(CampaignId(number), states)


@pytest.fixture
def book(database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(FILL.encode())
        yield connection


def _people(book: psycopg.Connection, wanted: Criteria, version: int = 1) -> list[str]:
    routine = compile_criteria(wanted, "it's \\", AudienceId(7), version)
    deploy_routine(book.cursor(), routine)
    found = book.execute(f"SELECT contact_key FROM {routine.name}()".encode()).fetchall()
    return sorted(key for (key,) in found)


@pytest.mark.parametrize(
    ("asked", "people"),
    [
        (tagged("vip"), ["1"]),
        (none_of(tagged("press")), ["3"]),
        (rule("attributes", Operator.AT_LEAST, 3, "size"), ["1"]),
        (rule("first_name", Operator.EMPTY), ["2"]),
        (campaign(41, "dead"), ["1"]),
        (campaign(41, "dead", "accepted"), ["1", "2"]),
        (campaign(42, "accepted"), []),
        (none_of(campaign(41, "accepted")), ["1", "3"]),
    ],
)
def test_contacts_are_chosen_by_rules(
    book: psycopg.Connection, asked: Rule, people: list[str]
) -> None:
    assert _people(book, criteria(asked)) == people


def test_one_audience_of_contacts_asks_another(book: psycopg.Connection) -> None:
    assert _people(book, criteria(tagged("press")), 1) == ["1", "2"]
    both = criteria(InAudience(AudienceId(7), 1), none_of(tagged("vip")))
    assert _people(book, both, 2) == ["2"]


def test_own_fields_win_over_attributes(book: psycopg.Connection) -> None:
    by_key = Condition(Field("id"), Operator.IS, 1)
    routine = compile_criteria(criteria(by_key), "one", AudienceId(7), 1)
    deploy_routine(book.cursor(), routine)
    (row,) = book.execute(f"SELECT * FROM {routine.name}()".encode()).fetchall()
    data = {"address": "Ann@x.example", "name": "Ann Bo", "first_name": "Ann", "size": 3}
    assert row == ("1", "Ann@x.example", "ann@x.example", "Ann Bo", "", data)
    assert CONTACT.name in routine.sql

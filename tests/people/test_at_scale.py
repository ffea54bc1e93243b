"""Lists cost the same however long they are, and two who write at once both get through."""

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from postroad.core.contact import Known, PutCounts

from .conftest import ACTOR, a_person

MAX_BUFFERS = 200
PEOPLE = """
    INSERT INTO contact (address, address_key, first_name, last_name, sort_key)
    SELECT a, a, 'Ann', 'Lee' || n, 'lee' || n || ' ann'
    FROM generate_series(1, 30000) AS n, LATERAL (SELECT 'p' || n || '@x.org' AS a) AS named
"""
SUPPRESSED = """
    INSERT INTO suppression (hash, address, reason, created_at)
    SELECT sha256(n::text::bytea), 'p' || n || '@x.org', 'imported', now() - n * interval '1 s'
    FROM generate_series(1, 30000) AS n
"""


@pytest.fixture
def long_lists(book: str) -> None:
    with psycopg.connect(book, autocommit=True, connect_timeout=10) as connection:
        for statement in (PEOPLE, SUPPRESSED, "VACUUM ANALYZE contact", "ANALYZE suppression"):
            connection.execute(statement)


def pages(sort: str) -> list[Callable[[], Any]]:
    if sort == "contact":
        from postroad.store.reads import contact

        first = contact.page()
        second = contact.page(first.next)
        return [
            contact.page,
            lambda: contact.page(first.next),
            lambda: contact.page(second.previous),
            lambda: contact.page(search="p29"),
            lambda: contact.page(search="lee777"),
        ]
    from postroad.store.reads import suppression

    head = suppression.page()
    after = suppression.page(head.next)
    return [
        suppression.page,
        lambda: suppression.page(head.next),
        lambda: suppression.page(after.previous),
    ]


def costs(plan: dict[str, Any]) -> tuple[int, bool]:
    """Buffers of a plan, and whether it reads a whole table."""
    node = plan["Plan"]
    buffers = node["Shared Hit Blocks"] + node["Shared Read Blocks"]
    return buffers, '"Seq Scan"' in repr(plan).replace("'", '"')


@pytest.mark.usefixtures("long_lists")
@pytest.mark.parametrize("sort", ["contact", "suppression"])
def test_no_page_of_a_long_list_reads_the_whole_table(sort: str) -> None:
    from django.db import connection

    seen: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        seen.append((sql, params))
        return execute(sql, params, many, context)

    for page in pages(sort):
        with connection.execute_wrapper(note):
            assert page().rows
    for sql, params in seen:
        is_count = "COUNT(*)" in sql or "pg_class" in sql
        if is_count:
            continue
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT json) {sql}", params)
            ((plan,),) = cursor.fetchall()
        buffers, reads_all = costs(plan[0])
        assert buffers < MAX_BUFFERS, sql
        assert not (reads_all and "contact_tag" not in sql), sql


@pytest.mark.usefixtures("long_lists")
def test_the_total_of_a_long_list_is_the_estimate_of_the_database() -> None:
    from postroad.store.reads import contact

    assert contact.page().total_estimate == 30_000


def test_two_who_enter_the_same_people_at_once_both_get_through(book: str) -> None:
    from postroad.store.connection import close_connections
    from postroad.store.writes import contact

    people = [a_person(f"p{n}@x.org", tags=("a", "b")) for n in range(300)]
    gate = threading.Barrier(2, timeout=20)
    outcomes: list[PutCounts] = []

    def enter(order: list[Any]) -> None:
        gate.wait()
        outcomes.append(contact.put_contacts(order, Known.UPDATE, (), ACTOR))
        close_connections()

    threads = [threading.Thread(target=enter, args=(order,)) for order in (people, people[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcome.added for outcome in outcomes) == [0, 300]
    assert sum(outcome.unchanged for outcome in outcomes) == 300

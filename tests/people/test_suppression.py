"""The suppression list on real PostgreSQL."""

from collections.abc import Callable
from typing import Any

import pytest

from postroad.actions.release_address import Released, release_address
from postroad.actions.suppress_address import Suppressed, suppress_addresses
from postroad.core.address import hash_of
from postroad.core.saved import Gone, Refused
from postroad.core.suppression import Reason, SuppressCounts

from .conftest import ACTOR, an_address

Rows = Callable[..., list[tuple[Any, ...]]]

pytestmark = pytest.mark.usefixtures("book")


def suppress(text: str, note: str = "", reason: Reason = Reason.MANAGER) -> Suppressed | Refused:
    from postroad.store.writes import suppression

    return suppress_addresses(suppression, text, note, ACTOR, reason)


def release(text: str, reason: Reason, *, is_confirmed: bool = False) -> object:
    from postroad.store.writes import suppression

    key = an_address(text).hash
    return release_address(suppression, key, reason, ACTOR, is_confirmed=is_confirmed)


def test_a_list_is_suppressed_and_the_bad_pieces_stay_in_the_box(rows: Rows) -> None:
    outcome = suppress("ann@x.org, Bob <BOB@x.org>\nANN@X.ORG\nnobody", "asked by phone")
    assert isinstance(outcome, Suppressed)
    assert outcome.rest == "nobody"
    assert outcome.counts == SuppressCounts(added=2, known=0)
    assert rows("SELECT hash, address, reason, note FROM suppression ORDER BY address") == [
        (hash_of("bob@x.org"), "BOB@x.org", "manager", "asked by phone"),
        (hash_of("ann@x.org"), "ann@x.org", "manager", "asked by phone"),
    ]


def test_suppressed_twice_keeps_the_first_reason(rows: Rows) -> None:
    suppress("ann@x.org", reason=Reason.COMPLAINED)
    outcome = suppress("ann@x.org")
    assert isinstance(outcome, Suppressed)
    assert outcome.counts == SuppressCounts(added=0, known=1)
    assert rows("SELECT reason FROM suppression") == [("complained",)]
    assert rows("SELECT count(*) FROM journal") == [(1,)]


def test_an_address_is_found_however_it_is_written() -> None:
    from postroad.store.reads import suppression as reads

    suppress("Ann@Müller.de", "why")
    found = reads.find("ANN@xn--mller-kva.de")
    assert found is not None
    assert (found.address, found.reason, found.note) == (
        "Ann@xn--mller-kva.de", Reason.MANAGER, "why",
    )  # fmt: skip
    assert reads.find("bob@x.org") is None
    assert reads.find("no address") is None
    assert reads.is_suppressed("ann@xn--mller-kva.de")


def test_an_erased_address_is_still_found_by_its_hash() -> None:
    from django.db import connection

    from postroad.store.reads import suppression as reads

    suppress("ann@x.org")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE suppression SET address = NULL")
    found = reads.find("ann@x.org")
    assert found is not None
    assert found.address is None


def test_pages_are_newest_first_and_walk_both_ways() -> None:
    from postroad.store.reads import suppression as reads

    suppress("\n".join(f"p{n}@x.org" for n in range(5)))
    suppress("last@x.org")
    first = reads.page(size=3)
    assert first.rows[0].address == "last@x.org"
    assert first.previous is None
    second = reads.page(first.next, size=3)
    assert second.next is None
    assert len({row.hash for row in (*first.rows, *second.rows)}) == 6
    assert reads.page(second.previous, size=3).rows == first.rows
    assert reads.page("nonsense").total_estimate == 6


def test_who_asked_not_to_be_written_to_is_released_only_when_confirmed() -> None:
    from postroad.store.reads import suppression as reads

    suppress("ann@x.org", reason=Reason.UNSUBSCRIBED)
    refused = release("ann@x.org", Reason.UNSUBSCRIBED)
    assert isinstance(refused, Refused)
    assert reads.is_suppressed("ann@x.org")
    assert isinstance(release("ann@x.org", Reason.UNSUBSCRIBED, is_confirmed=True), Released)
    assert not reads.is_suppressed("ann@x.org")
    assert isinstance(release("ann@x.org", Reason.MANAGER), Gone)


def test_a_note_cannot_forge_a_line(rows: Rows) -> None:
    assert isinstance(suppress("ann@x.org", "a\nb"), Refused)
    assert isinstance(suppress(" ", ""), Refused)
    assert rows("SELECT count(*) FROM suppression") == [(0,)]

"""The journal: filters in the address, keyset pages, and what is new."""

from collections.abc import Iterator

import psycopg
import pytest
from django.test import Client

from postroad.app import App

from .mailing import Mailing


@pytest.fixture
def mailing(app: App, database: str) -> Iterator[Mailing]:
    with psycopg.connect(database, autocommit=True, connect_timeout=10) as connection:
        mailing = Mailing(connection)
        mailing.beat()
        mailing.verify("Letter", [("ann@x.org", "Ann"), ("bob@x.org", "Bob")])
        mailing.prepare()
        mailing.launch()
        mailing.dispatch({2: "550 5.1.1 No such user"})
        yield mailing


def kinds(client: Client, **asked: str | int) -> list[str]:
    """The kinds shown, newest first."""
    shown = client.get("/journal/", asked).content.decode()
    rows = shown.split("<tbody")[1].split("</tbody>")[0] if "<tbody" in shown else ""
    return [part.split(">")[1].split("<")[0] for part in rows.split('class="pr-badge ')[1:]]


def test_everything_is_there_newest_first(mailing: Mailing, manager: Client) -> None:
    assert kinds(manager) == [
        "finished", "rejected", "accepted", "released", "launched", "ready", "prepared",
        "selected", "verify",
    ]  # fmt: skip


def test_filters_are_in_the_address(mailing: Mailing, manager: Client) -> None:
    assert kinds(manager, kind="rejected") == ["rejected"]
    assert kinds(manager, actor="manager") == ["launched", "verify"]
    assert kinds(manager, actor="worker", kind="accepted") == ["accepted"]
    assert kinds(manager, run=mailing.run + 1) == []
    assert kinds(manager, run=mailing.run, text="NO SUCH") == ["rejected"]
    assert kinds(manager, text="100%") == []
    bob = mailing.ask("SELECT address FROM delivery WHERE n = 2")
    assert kinds(manager, text=bob) == ["rejected"]
    assert kinds(manager, text=bob.upper()) == ["rejected"]


def test_a_filter_that_cannot_be_read_filters_nothing(mailing: Mailing, manager: Client) -> None:
    assert len(kinds(manager, run="x", before="-3")) == 9
    assert manager.get("/journal/", {"text": "a\0b", "run": "9" * 30}).status_code == 200


def test_older_pages_follow_on_without_gap_or_repeat(mailing: Mailing, manager: Client) -> None:
    mailing.ask("SELECT journal_act('tick', 'program', g::text) FROM generate_series(1, 120) g")
    seen: list[str] = []
    path = "/journal/"
    while path:
        shown = manager.get(path).content.decode()
        seen += [part.split('"')[0] for part in shown.split('id="entry-')[1:]]
        rest = shown.split('" rel="next"')[0].split('<a href="')[-1]
        path = rest if 'rel="next"' in shown else ""
    wanted = mailing.rows("SELECT j.id::text FROM journal j ORDER BY j.id DESC")
    assert seen == [entry for (entry,) in wanted]


def test_a_rare_kind_is_looked_for_in_steps(
    mailing: Mailing, manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("postroad.store.reads.journal.LOOKED_AT", 50)
    mailing.ask("SELECT journal_act('tick', 'program', g::text) FROM generate_series(1, 120) g")
    shown = manager.get("/journal/?kind=verify").content.decode()
    assert "Look further back" in shown
    older = shown.split('" rel="next"')[0].split('<a href="')[-1].replace("&amp;", "&")
    assert "kind=verify" in older
    assert b"Look further back" in manager.get(older).content


def test_new_entries_wait_behind_a_count(mailing: Mailing, manager: Client) -> None:
    newest = mailing.ask("SELECT max(id) FROM journal")
    path = f"/journal/_new/?after={newest}"
    assert b"new, press" not in manager.get(path).content
    mailing.ask("SELECT journal_act('tick', 'program', 'x') FROM generate_series(1, 4)")
    assert b"4 new, press" in manager.get(path).content
    assert b"new, press" not in manager.get(f"{path}&kind=verify").content


def test_an_entry_opens_with_all_it_holds(mailing: Mailing, manager: Client) -> None:
    entry = mailing.ask("SELECT id FROM journal WHERE kind = 'rejected'")
    shown = manager.get(f"/journal/{entry}/").content.decode()
    assert "550 5.1.1 No such user" in shown
    assert "354 End data" in shown
    assert "relay Frankfurt" in shown
    made = mailing.ask("SELECT id FROM journal WHERE kind = 'verify'")
    assert "campaign_id" in manager.get(f"/journal/{made}/").content.decode()
    assert manager.get("/journal/999999/").status_code == 404


def test_an_empty_journal_says_what_comes(app: App, manager: Client) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM journal")
    assert b"The journal is empty" in manager.get("/journal/").content


def test_what_wants_a_look_is_told_by_its_badge(mailing: Mailing, manager: Client) -> None:
    mailing.ask("SELECT raise_alarm('journal', 'rest', NULL, 'Outside every month')")
    assert "pr-tone-bad" in manager.get("/journal/?kind=alarm").content.decode()
    mailing.ask("SELECT clear_alarm('journal', 'rest')")
    assert "pr-tone-ok" in manager.get("/journal/?kind=alarm_over").content.decode()

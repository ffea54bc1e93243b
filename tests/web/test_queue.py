"""The queues page, and the two questions before a danger: purge a queue, stop everything."""

import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from postroad.app import App
from postroad.core.lifecycle import RunState
from postroad.testing.runs import Hand, RunBuilder


@pytest.fixture
def book(app: App) -> RunBuilder:
    return RunBuilder(app)


@pytest.fixture
def hand(app: App) -> Iterator[Hand]:
    with Hand(app.dsn) as hand:
        yield hand


def words(response: object) -> str:
    """What the page's main part says, without its markup."""
    text = response.content.decode().split("<main")[-1]  # type: ignore[attr-defined]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_empty_queues_say_what_fills_them(manager: Client) -> None:
    said = words(manager.get("/queues/"))
    assert "Verify a campaign and its mails come here." in said
    assert "launch a verified run and its mails are due here." in said


def test_the_page_shows_what_waits_and_what_workers_hold_by_lane(
    manager: Client, book: RunBuilder, hand: Hand
) -> None:
    book.a_run(RunState.RUNNING, 250)
    hand.begin(7)
    hand.ask("SELECT count_queues()")
    said = words(manager.get("/queues/_rows/"))
    assert "150 mails in 2 batches, 100 with workers" in said
    assert re.search(r"Other 150 150 0 100 7", said), said


def test_figures_that_stand_still_are_told(manager: Client, book: RunBuilder, hand: Hand) -> None:
    book.a_run(RunState.RUNNING, 3)
    hand.ask("SELECT count_queues()")
    hand.ask("UPDATE queue_count SET at = at - interval '2 minutes' RETURNING at")
    assert "These figures stand still." in words(manager.get("/queues/"))


def test_asking_to_purge_names_numbers_and_changes_nothing(
    app: App, manager: Client, book: RunBuilder, hand: Hand
) -> None:
    run = book.a_run(RunState.RUNNING, 250)
    hand.begin(7)
    said = words(manager.get("/queues/dispatch/purge/"))
    assert "150 mails in 2 batches of 1 live run are purged and never sent." in said
    assert "93 mails that workers hold and have not begun are purged too." in said
    assert "7 at most are in SMTP at this moment: they still go out and get their reply" in said
    assert app.queues.waiting("dispatch").mails == 150
    answer = manager.post("/queues/dispatch/purge/")
    assert (answer.status_code, answer["Location"]) == (303, "/queues/")
    assert "243 mails of 1 run never go out, 7 in SMTP still get their reply." in words(
        manager.get("/queues/")
    )
    while hand.ask("SELECT purge_marked() AS n")[0]["n"]:
        pass
    assert app.runs.counts(run)["purged"] == 150


def test_purging_an_empty_queue_is_no_fault(manager: Client) -> None:
    assert "there is nothing to purge" in words(manager.get("/queues/prepare/purge/"))
    manager.post("/queues/prepare/purge/")
    assert "there was nothing to purge" in words(manager.get("/queues/"))


def test_a_purge_under_way_is_shown(manager: Client, book: RunBuilder, hand: Hand) -> None:
    book.a_run(RunState.RUNNING, 250)
    manager.post("/queues/dispatch/purge/")
    hand.ask("SELECT count_queues()")
    assert "250 mails left a queue" in words(manager.get("/queues/_rows/"))


def test_stopping_everything_wants_the_word_and_then_stops_all(
    app: App, manager: Client, book: RunBuilder, hand: Hand
) -> None:
    runs = [book.a_run(RunState.RUNNING, 10, name=name) for name in ("one", "two")]
    hand.begin(4)
    said = words(manager.get("/queues/stop-everything/"))
    assert "2 live runs are stopped for good" in said
    assert "4 are in SMTP at this moment" in said
    wrong = manager.post("/queues/stop-everything/", {"typed": "halt"})
    assert wrong.status_code == 422
    assert "Nothing was stopped" in words(wrong)
    assert manager.post("/queues/stop-everything/", {"typed": " Stop "}).status_code == 303
    heads = [app.runs.head(run) for run in runs]
    assert {head.state for head in heads if head} == {RunState.STOPPED}
    assert "Everything is stopped: 2 runs are over" in words(manager.get("/queues/"))


def test_with_nothing_live_there_is_nothing_to_stop(manager: Client) -> None:
    said = words(manager.get("/queues/stop-everything/"))
    assert "No run is live" in said
    assert 'id="stop-go"' not in said


def test_the_navigation_offers_to_stop_everything_only_while_something_lives(
    manager: Client, book: RunBuilder
) -> None:
    link = b'href="/queues/stop-everything/" data-dialog>Stop everything'
    assert link not in manager.get("/").content
    book.a_run(RunState.READY, 3)
    assert link in manager.get("/").content


def test_a_poll_of_the_queues_asks_few_questions(
    manager: Client, book: RunBuilder, hand: Hand
) -> None:
    book.a_run(RunState.RUNNING, 250)
    hand.ask("SELECT count_queues()")
    with CaptureQueriesContext(connection) as asked:
        manager.get("/queues/_rows/")
    assert len(asked) < 6, [query["sql"][:80] for query in asked]

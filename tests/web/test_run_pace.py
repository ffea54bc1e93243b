"""How fast a run went: the lines of the chart, and the same as a table."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from postroad.app import App
from postroad.core.lifecycle import RunState
from postroad.core.pace import MOST_MARKS, PREPARED, SENT, Mark, Span, lines, news
from postroad.testing.runs import Hand, RunBuilder, deferred

START = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


@pytest.fixture
def book(app: App) -> RunBuilder:
    return RunBuilder(app)


@pytest.fixture
def hand(app: App) -> Iterator[Hand]:
    with Hand(app.dsn) as hand:
        yield hand


def span(after_s: int, accepted: int, deferred: int = 0, prepared: int = 0) -> Span:
    return Span(START + timedelta(seconds=after_s), 5, prepared, accepted, deferred, 0, 0)


def drawn(spans: list[Span], until_s: float | None) -> list[tuple[float, float]]:
    """(seconds after the start, accepted a second)."""
    until = None if until_s is None else START + timedelta(seconds=until_s)
    found = lines(spans, SENT, until)
    return [
        (x - START.timestamp(), value)
        for x, value in zip(found.x, found.per_second["accepted"], strict=True)
    ]


def test_a_line_rises_from_nothing_and_comes_down_when_the_run_is_over() -> None:
    assert drawn([span(0, 10), span(5, 20)], None) == [(-2.5, 0), (2.5, 2), (7.5, 4), (12.5, 0)]


def test_a_gap_however_long_is_two_zeros() -> None:
    assert drawn([span(0, 10), span(5000, 20)], None) == [
        (-2.5, 0), (2.5, 2), (7.5, 0), (4997.5, 0), (5002.5, 4), (5007.5, 0),
    ]  # fmt: skip


def test_a_gap_of_one_span_is_one_zero() -> None:
    assert drawn([span(0, 10), span(10, 20)], None)[2] == (7.5, 0)
    assert len(drawn([span(0, 10), span(10, 20)], None)) == 5


def test_the_line_of_a_run_that_stands_still_goes_on_until_now() -> None:
    assert drawn([span(0, 10)], 60) == [(-2.5, 0), (2.5, 2), (7.5, 0), (60, 0)]
    assert drawn([span(0, 10)], 6) == [(-2.5, 0), (2.5, 2)]


def test_spans_of_other_words_are_left_out() -> None:
    spans = [span(0, 0, prepared=50), span(3600, 10)]
    assert drawn(spans, None)[0] == (3597.5, 0)
    assert lines(spans, PREPARED, None).per_second == {"prepared": (0, 10, 0)}
    assert lines([], SENT, START).x == ()


def test_the_chart_and_the_table_tell_what_came_about(
    manager: Client, book: RunBuilder, hand: Hand
) -> None:
    run = book.a_run(RunState.RUNNING, 250)
    batch = hand.begin()
    assert batch is not None
    hand.answer(batch, deferred)
    hand.dispatch()
    hand.ask("SELECT compact_counts()")
    told = manager.get(f"/runs/{run}/pace/_curve/").json()
    values = {one["label"]: sum(one["values"]) * 5 for one in told["series"]}
    assert values == {"accepted": 150, "deferred": 100, "refused": 0, "unknown": 0}
    assert told["over"] is False
    table = manager.get(f"/runs/{run}/pace/").content.decode().split("<tbody>")[1]
    assert ">150<" in table
    assert ">100<" in table


def test_a_run_that_is_prepared_shows_how_fast(
    manager: Client, book: RunBuilder, hand: Hand
) -> None:
    run = book.a_run(RunState.PREPARING, 250)
    empty = manager.get(f"/runs/{run}/pace/")
    assert b"Nothing has come about yet" in empty.content
    assert manager.get(f"/runs/{run}/pace/_curve/").json()["x"] == []
    hand.prepare(1)
    hand.ask("SELECT compact_counts()")
    told = manager.get(f"/runs/{run}/pace/_curve/").json()
    assert [one["label"] for one in told["series"]] == ["prepared"]
    assert sum(told["series"][0]["values"]) * 5 == 100


def test_a_run_that_is_over_is_asked_once(manager: Client, book: RunBuilder) -> None:
    run = book.a_run(RunState.FINISHED, 3)
    assert manager.get(f"/runs/{run}/pace/_curve/").json()["over"] is True


def test_a_poll_of_the_chart_asks_few_questions(manager: Client, book: RunBuilder) -> None:
    run = book.a_run(RunState.RUNNING, 3)
    with CaptureQueriesContext(connection) as asked:
        manager.get(f"/runs/{run}/pace/_curve/")
    assert len(asked) < 6, [query["sql"][:80] for query in asked]


def test_what_changed_the_pace_is_marked_in_the_chart_and_told_as_a_table(
    app: App, manager: Client, book: RunBuilder, hand: Hand
) -> None:
    run = book.a_run(RunState.RUNNING, 250)
    hand.dispatch()
    relay = hand.ask("SELECT relay_id AS id FROM run WHERE id = %s", run)[0]["id"]
    app.runs.pause(run, "manager")
    app.runs.resume(run, "manager")
    hand.ask("SELECT stop_relay(%s, now(), 'Nobody answers')", relay)
    hand.ask("SELECT stop_relay(%s, now(), 'Nobody answers')", relay)
    hand.ask("SELECT stop_relay(%s, now(), 'Another, of no campaign of ours')", relay + 1)
    hand.ask("SELECT start_relay(%s, 'program')", relay)
    hand.ask("SELECT slow_down_lane(%s, 'other', 1, '421 4.7.0 slower')", relay)
    hand.ask("SELECT slow_down_lane(%s, 'yahoo', 1, '421 4.7.0 slower')", relay)
    told = manager.get(f"/runs/{run}/pace/_curve/").json()["marks"]
    name = app.relays.all()[0].name
    assert [mark["word"] for mark in told] == [
        "paused", "resumed", f"{name} stopped", f"{name} in use again", "Other slowed down",
    ]  # fmt: skip
    assert [mark["x"] for mark in told] == sorted(mark["x"] for mark in told)
    table = manager.get(f"/runs/{run}/pace/").content.decode().split('id="run-events"')[1]
    assert "Other slowed down" in table
    assert "yahoo" not in table.lower(), "a lane in which this run has no mail"


def test_a_mark_says_what_is_new_and_the_last_ones_are_kept() -> None:
    def mark(kind: str, relay: str = "", lane: str = "") -> Mark:
        return Mark(START, kind, relay, lane)

    paused, dead, slow = mark("paused"), mark("relay_stopped", "A"), mark("slowed_down", "A", "x")
    assert news([dead, paused, dead, slow, dead, slow]) == (dead, paused, slow)
    other = mark("relay_started", "A")
    assert news([dead, other] * 50) == (dead, other) * (MOST_MARKS // 2)

"""The live page of a run: what it says in each state, what its buttons do, what a poll costs."""

import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from postroad.app import App
from postroad.core.lifecycle import RunState
from postroad.testing.runs import Answer, Hand, RunBuilder, accepted, dead, rejected

SCALE = 10_000
"""Batches of the run on which a poll's cost is measured: a million mails."""


@pytest.fixture
def book(app: App) -> RunBuilder:
    return RunBuilder(app)


@pytest.fixture
def hand(app: App) -> Iterator[Hand]:
    with Hand(app.dsn) as hand:
        yield hand


def words(response: object) -> str:
    """What a page says, without its markup."""
    text = response.content.decode()  # type: ignore[attr-defined]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


@pytest.mark.parametrize("state", [state for state in RunState if state is not RunState.READY])
def test_a_run_has_a_page_in_every_state(
    manager: Client, book: RunBuilder, state: RunState
) -> None:
    run = book.a_run(state)
    response = manager.get(f"/runs/{run}/")
    assert response.status_code == 200
    assert state.value.capitalize() in words(response)


@pytest.mark.parametrize(
    ("state", "buttons"),
    [
        (RunState.PREPARING, {"stop"}),
        (RunState.READY, {"launch", "stop", "again"}),
        (RunState.SCHEDULED, {"undo", "stop"}),
        (RunState.RUNNING, {"pause", "stop"}),
        (RunState.PAUSED, {"resume", "stop"}),
        (RunState.HELD, {"resume", "stop"}),
        (RunState.FINISHED, set()),
        (RunState.STOPPED, set()),
    ],
)
def test_the_buttons_are_those_of_the_state(
    manager: Client, book: RunBuilder, state: RunState, buttons: set[str]
) -> None:
    run = book.a_run(state, 3)
    text = manager.get(f"/runs/{run}/_head/").content.decode()
    assert set(re.findall(rf'"/runs/{run}/(\w+)/"', text)) == buttons


def test_a_ready_run_leads_to_its_report(manager: Client, book: RunBuilder) -> None:
    run = book.a_run(RunState.READY, 3)
    assert manager.get(f"/runs/{run}/")["Location"] == f"/runs/{run}/report/"
    poll = manager.get(f"/runs/{run}/_progress/")
    assert poll["HX-Redirect"] == f"/runs/{run}/report/"


def test_the_live_page_shows_outcomes_replies_and_that_they_add_up(
    manager: Client, book: RunBuilder, hand: Hand
) -> None:
    run = book.a_run(RunState.RUNNING, 100)
    acts: dict[int, Answer] = {1: rejected, 2: dead}
    batch = hand.begin()
    assert batch is not None
    hand.answer(batch, lambda n: acts.get(n, accepted)(n), 90)
    said = words(manager.get(f"/runs/{run}/"))
    assert "Adds up: 100 selected" in said
    assert "Accepted 88" in said
    assert "Sending 10" in said
    assert "550 5.1.1" in said
    assert "552 5.3.4 Message too big" in said
    assert "90 % settled" in said
    assert "Other 10 10 88 0 1 1" in said, "leased, in SMTP, accepted, deferred, rejected, dead"


def test_what_a_lane_accepted_stays_when_the_run_is_counted_again(
    app: App, book: RunBuilder, hand: Hand
) -> None:
    run = book.a_run(RunState.RUNNING, 150)
    hand.dispatch(lambda n: rejected(n) if n == 7 else accepted(n))
    hand.advance()
    hand.ask("SELECT record_facts(%s, NULL, 'manager', %s)", run,
             '[{"n": 8, "attempt": 1, "kind": "bounced"}]')  # fmt: skip
    assert hand.ask("SELECT recount_run(%s) AS difference", run) == [{"difference": 0}]
    head = app.runs.head(run)
    assert head is not None
    (lane,) = app.runs.progress(head).lanes
    assert (lane.accepted, lane.rejections) == (149, 1)
    assert app.runs.counts(run) == {"accepted": 148, "bounced": 1, "rejected": 1}


def test_a_missing_recipient_turns_the_sum_red(
    manager: Client, book: RunBuilder, hand: Hand
) -> None:
    run = book.a_run(RunState.RUNNING, 10)
    hand.connection.execute("INSERT INTO count_delta VALUES (%s, 'prepared', -2)", [run])
    response = manager.get(f"/runs/{run}/_progress/")
    assert "2 missing: 8 of 10" in words(response)
    assert "pr-sum-bad" in response.content.decode()


def test_a_poll_that_would_show_the_same_is_empty(manager: Client, book: RunBuilder) -> None:
    run = book.a_run(RunState.PAUSED, 3)
    seen = manager.get(f"/runs/{run}/_head/")["X-Seen"]
    assert manager.get(f"/runs/{run}/_head/?seen={seen}").status_code == 204


def test_polling_ends_with_the_run(manager: Client, book: RunBuilder, hand: Hand) -> None:
    stopped = book.a_run(RunState.STOPPED, 3)
    assert manager.get(f"/runs/{stopped}/_progress/").status_code == 200
    hand.purge()
    assert manager.get(f"/runs/{stopped}/_progress/").status_code == 286
    assert "hx-get" not in manager.get(f"/runs/{stopped}/").content.decode().split("<main")[1]


def test_a_poll_asks_fewer_than_ten_questions(
    manager: Client, book: RunBuilder, hand: Hand
) -> None:
    run = book.a_run(RunState.RUNNING, 30)
    hand.begin(5)
    for fragment, most in (("_progress", 10), ("_head", 5), ("stop/_figures", 10)):
        with CaptureQueriesContext(connection) as asked:
            manager.get(f"/runs/{run}/{fragment}/")
        assert len(asked) < most, [query["sql"][:80] for query in asked]


def test_a_poll_costs_the_same_for_a_million_mails(
    app: App, manager: Client, book: RunBuilder, hand: Hand
) -> None:
    run = book.a_run(RunState.RUNNING, 30)
    hand.begin(5)
    small = buffers_of(app, run)
    hand.connection.execute(
        "INSERT INTO batch (run_id, lane, stage, due_at, item_n, item_attempt, item_source,"
        " item_index)"
        " SELECT %s, 'lane ' || k %% 20, 'dispatch', now(), array_fill(1, ARRAY[100]),"
        " array_fill(1::smallint, ARRAY[100]), array_fill(1::bigint, ARRAY[100]),"
        " array_fill(0::smallint, ARRAY[100]) FROM generate_series(1, %s) k",
        [run, SCALE],
    )
    hand.connection.execute(
        "INSERT INTO journal (run_id, n, attempt, kind, actor)"
        " SELECT %s, k, 1, 'accepted', 'worker x' FROM generate_series(1, 100000) k",
        [run],
    )
    hand.connection.execute(
        "INSERT INTO retry SELECT %s, k, 3, now() + k * interval '1 ms', 1, 0, 'google'"
        " FROM generate_series(1, 20000) k",
        [run],
    )
    hand.connection.execute(
        "SELECT set_bucket('lane', 'lane ' || k, 60, NULL) FROM generate_series(1, 500) k"
    )
    hand.connection.execute("ANALYZE batch; ANALYZE journal; ANALYZE retry; ANALYZE bucket")
    large = buffers_of(app, run)
    assert large < 200, (small, large)


def test_a_lane_says_what_holds_it_back_and_when_the_next_is_due(
    app: App, manager: Client, book: RunBuilder, hand: Hand
) -> None:
    run = book.a_run(RunState.RUNNING, 30)
    path = f"/runs/{run}/_progress/"

    def lane() -> str:
        (row,) = re.findall(
            r'(?s)<tbody id="lane-other">.*?</tbody>', manager.get(path).content.decode()
        )
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row))

    assert "now" in lane()
    assert "minute" not in lane()
    head = app.runs.head(run)
    assert head is not None
    relay, campaign = head.relay_id, head.campaign_id
    hand.connection.execute("SELECT set_bucket('campaign', %s::text, 500, NULL)", [campaign])
    assert "Limit of the campaign: 500 a minute" in lane()
    hand.connection.execute("SELECT set_bucket('lane', 'other', 60, NULL)")
    assert "Limit of the lane: 60 a minute" in lane()
    hand.connection.execute("SELECT slow_down_lane(%s, 'other', 1, '421 4.7.0')", [relay])
    assert "Slowed down at Sandbox: 30 a minute" in lane()
    hand.connection.execute("SELECT set_bucket('relay', %s::text, NULL, 10)", [relay])
    hand.connection.execute(
        "UPDATE bucket SET blocked_until = now() + interval '3 hours' WHERE kind = 'relay'"
    )
    assert "Limit of Sandbox , next" in lane()
    hand.connection.execute("UPDATE batch SET due_at = now() + interval '1 hour'")
    assert " now " not in lane()


def buffers_of(app: App, run: int) -> int:
    """Pages of the database that one poll of the run's progress touches."""
    from postroad.store.queries import query

    touched = 0
    with connection.cursor() as cursor:
        for name in ("run_head", "run_progress", "run_replies", "run_lanes"):
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {query(name)}", {"run": run})
            plan = "\n".join(line for (line,) in cursor.fetchall())
            top = plan.split("Planning")[0].splitlines()
            line = next((each for each in top if "Buffers:" in each), "")
            touched += sum(int(number) for number in re.findall(r"(?:hit|read)=(\d+)", line))
    return touched


@pytest.mark.parametrize("verb", ["pause", "resume", "undo", "again"])
def test_an_act_is_a_post_only(manager: Client, book: RunBuilder, verb: str) -> None:
    run = book.a_run(RunState.RUNNING, 3)
    assert manager.get(f"/runs/{run}/{verb}/").status_code == 405


def test_pause_can_be_undone_from_its_toast(app: App, manager: Client, book: RunBuilder) -> None:
    run = book.a_run(RunState.RUNNING, 3)
    assert manager.post(f"/runs/{run}/pause/").status_code == 303
    text = manager.get(f"/runs/{run}/").content.decode()
    assert "No further mail begins" in text
    assert f'action="/runs/{run}/resume/"' in text.split('id="pr-toast"')[1]
    manager.post(f"/runs/{run}/resume/")
    manager.post(f"/runs/{run}/resume/")
    head = app.runs.head(run)
    assert head is not None
    assert head.is_running


def test_asking_to_stop_changes_nothing_and_one_click_does(
    app: App, manager: Client, book: RunBuilder, hand: Hand
) -> None:
    run = book.a_run(RunState.RUNNING, 10)
    hand.begin(4)
    said = words(manager.get(f"/runs/{run}/stop/"))
    assert "6 mails that wait are purged" in said
    assert "4 are in SMTP at this moment" in said
    head = app.runs.head(run)
    assert head is not None
    assert head.is_running
    assert manager.post(f"/runs/{run}/stop/").status_code == 303
    said = words(manager.get(f"/runs/{run}/"))
    assert "Stopped. 6 waiting are purged, 4 in SMTP still get their reply." in said


def test_the_stop_dialog_of_a_run_that_ended_meanwhile_says_so(
    manager: Client, book: RunBuilder
) -> None:
    run = book.a_run(RunState.FINISHED, 3)
    assert "nothing is left to stop" in words(manager.get(f"/runs/{run}/stop/"))
    assert manager.post(f"/runs/{run}/stop/").status_code == 303
    assert "The run is finished" in words(manager.get(f"/runs/{run}/"))


def test_verify_leads_to_the_run_and_twice_to_the_same(manager: Client, book: RunBuilder) -> None:
    campaign = book.a_campaign([])
    blocked = manager.post(f"/runs/verify/{campaign}/")
    assert blocked.status_code == 422
    assert "The audience is empty" in words(blocked)
    run = book.a_run(RunState.SELECTING, 3, name="Second")
    second = next(reversed(book.campaigns))
    response = manager.post(f"/runs/verify/{second}/")
    assert (response.status_code, response["Location"]) == (303, f"/runs/{run}/")


def test_prepare_again_abandons_the_run_and_makes_the_next(
    app: App, manager: Client, book: RunBuilder, hand: Hand
) -> None:
    run = book.a_run(RunState.READY, 3)
    response = manager.post(f"/runs/{run}/again/")
    assert response.status_code == 303
    assert response["Location"] != f"/runs/{run}/"
    old = app.runs.head(run)
    assert old is not None
    assert (old.state, old.reason) == (RunState.STOPPED, "abandoned: it is prepared again.")
    assert "Nothing of it was sent" in words(manager.get(f"/runs/{run}/"))


def test_prepare_again_never_stops_a_run_that_was_launched(
    app: App, manager: Client, book: RunBuilder
) -> None:
    run = book.a_run(RunState.RUNNING, 3)
    manager.post(f"/runs/{run}/again/")
    head = app.runs.head(run)
    assert head is not None
    assert head.is_running


def test_a_run_that_does_not_exist_is_404(manager: Client) -> None:
    for path in ("", "report/", "stop/", "launch/", "recipients/", "omissions/", "mails/1/"):
        assert manager.get(f"/runs/99/{path}").status_code == 404

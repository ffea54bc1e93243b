"""The launch: what the question says, what it refuses, and what follows."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from postroad.app import App
from postroad.core.lifecycle import RunState
from postroad.testing.runs import Hand, RunBuilder, a_person


@pytest.fixture
def book(app: App) -> RunBuilder:
    return RunBuilder(app)


def words(response: object) -> str:
    text = response.content.decode()  # type: ignore[attr-defined]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def state_of(app: App, run: int) -> RunState:
    from postroad.core.ids import RunId

    head = app.runs.head(RunId(run))
    assert head is not None
    return head.state


def test_the_question_says_what_will_happen(manager: Client, book: RunBuilder) -> None:
    run = book.a_run(RunState.READY, 12)
    said = words(manager.get(f"/runs/{run}/launch/"))
    assert "12 mails from Clara Voss &lt;clara@example.org&gt;" in said
    assert "Sandbox nothing leaves this machine" in said
    assert "Real mail" not in said
    assert "Possible for 1 min after pressing" in said


def test_real_mail_and_the_limit_of_its_relay_are_said_aloud(
    app: App, manager: Client, book: RunBuilder, database: str
) -> None:
    run = book.a_run(RunState.READY, 12)
    with Hand(database) as hand:
        hand.connection.execute("UPDATE relay SET is_sandbox = false")
        hand.ask("SELECT set_bucket('relay', relay_id::text, 6, NULL) FROM run WHERE id = %s", run)
    said = words(manager.get(f"/runs/{run}/launch/"))
    assert "Real mail" in said
    assert "6 mails a minute" in said
    assert "in about 2 min" in said


def test_all_relays_the_lanes_and_the_campaign_say_how_long_it_takes(
    manager: Client, book: RunBuilder, database: str
) -> None:
    run = book.a_run(RunState.READY, 12)
    limit = "SELECT set_bucket(%s, %s, %s, NULL)"
    with Hand(database) as hand:
        of = hand.ask("SELECT relay_id, campaign_id FROM run WHERE id = %s", run)[0]
        first, second = str(of["relay_id"]), str(of["relay_id"] + 1)
        hand.ask(
            "INSERT INTO relay (SELECT (jsonb_populate_record(r, jsonb_build_object("
            " 'id', id + 1, 'name', 'Second', 'is_default', false, 'is_sandbox', false))).*"
            " FROM relay r WHERE id = %s) RETURNING id",
            first,
        )
        hand.ask("INSERT INTO run_relay VALUES (%s, %s, 1) RETURNING run_id", run, second)

        def said() -> str:
            return words(manager.get(f"/runs/{run}/launch/")).split("mails from")[1][:200]

        hand.ask(limit, "relay", first, 6)
        assert "as fast as the relay takes them" in said(), "the second has no limit"
        hand.ask(limit, "relay", second, 2)
        assert "in about 1 min 30 s by the limits of" in said(), "8 a minute together"
        assert "and Second together" in said()
        hand.ask("SELECT stop_relay(%s, NULL, 'Gone')", second)
        assert "in about 2 min by the limits of" in said(), "6 a minute alone"
        hand.ask(limit, "lane", "other", 4)
        assert "in about 3 min by the limits of the lane Other (4 mails a minute)" in said()
        hand.ask(limit, "campaign", str(of["campaign_id"]), 3)
        assert "in about 4 min by the campaign’s own limits (3 mails a minute)" in said()


def test_asking_launches_nothing(app: App, manager: Client, book: RunBuilder) -> None:
    run = book.a_run(RunState.READY, 3)
    manager.get(f"/runs/{run}/launch/")
    assert state_of(app, run) is RunState.READY


def test_a_launch_can_be_undone_from_its_toast(app: App, manager: Client, book: RunBuilder) -> None:
    run = book.a_run(RunState.READY, 3)
    response = manager.post(f"/runs/{run}/launch/", {"when": "now"})
    assert (response.status_code, response["Location"]) == (303, f"/runs/{run}/")
    assert state_of(app, run) is RunState.SCHEDULED
    toast = manager.get(f"/runs/{run}/").content.decode().split('id="pr-toast"')[1]
    assert "Launched: 3 mails start at" in toast
    assert f'action="/runs/{run}/undo/"' in toast
    assert manager.post(f"/runs/{run}/undo/").status_code == 303
    assert state_of(app, run) is RunState.READY


@pytest.mark.fault(18)
def test_launched_twice_it_is_launched_once(app: App, manager: Client, book: RunBuilder) -> None:
    run = book.a_run(RunState.SCHEDULED, 3)
    assert manager.post(f"/runs/{run}/launch/", {"when": "now"}).status_code == 303
    assert "The run is scheduled already" in words(manager.get(f"/runs/{run}/"))


def test_a_thousand_mails_ask_for_their_number(
    app: App, manager: Client, book: RunBuilder, database: str
) -> None:
    run = book.a_run(RunState.READY, 3)
    with Hand(database) as hand:
        hand.connection.execute("INSERT INTO count_delta VALUES (%s, 'prepared', 997)", [run])
    assert 'data-expects="1000"' in manager.get(f"/runs/{run}/launch/").content.decode()
    for typed in ("", "3", "many"):
        refused = manager.post(f"/runs/{run}/launch/", {"when": "now", "typed": typed})
        assert refused.status_code == 422
        assert "1,000" in words(refused)
    assert state_of(app, run) is RunState.READY
    assert (
        manager.post(f"/runs/{run}/launch/", {"when": "now", "typed": "1,000"}).status_code == 303
    )


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"date": "2031-03-29", "time": "", "zone": "UTC"}, "Write the time like 09:00"),
        ({"date": "soon", "time": "09:00", "zone": "UTC"}, "Write the day like 2026-11-24"),
        ({"date": "2020-01-01", "time": "09:00", "zone": "UTC"}, "This time has passed"),
        ({"date": "2031-03-30", "time": "02:30", "zone": "Europe/Berlin"}, "never show 02:30"),
        ({"date": "2031-01-01", "time": "09:00", "zone": "Mars"}, "zone is not known"),
        ({"date": "2091-01-01", "time": "09:00", "zone": "UTC"}, "more than a year ahead"),
        ({"date": "2031-01-01", "time": "09:00", "zone": ""}, "Name the zone"),
    ],
)
def test_a_time_that_cannot_be_keeps_what_was_typed_and_says_what_to_do(
    app: App, manager: Client, book: RunBuilder, fields: dict[str, str], fault: str
) -> None:
    run = book.a_run(RunState.READY, 3)
    refused = manager.post(f"/runs/{run}/launch/", {"when": "at", **fields})
    assert refused.status_code == 422
    assert fault in words(refused)
    for typed in filter(None, fields.values()):
        assert f'value="{typed}"' in refused.content.decode()
    assert state_of(app, run) is RunState.READY


def test_a_launch_for_tomorrow_says_when_it_starts(
    app: App, manager: Client, book: RunBuilder
) -> None:
    run = book.a_run(RunState.READY, 3)
    day = (datetime.now(UTC) + timedelta(days=2)).date()
    fields = {"when": "at", "date": day.isoformat(), "time": "09:00", "zone": "Europe/Vienna"}
    assert manager.post(f"/runs/{run}/launch/", fields).status_code == 303
    said = words(manager.get(f"/runs/{run}/"))
    assert "Undo launch" in said
    assert "set in Europe/Vienna" in said


def test_local_hours_of_people_asleep_are_marked(manager: Client, book: RunBuilder) -> None:
    # Zones eight hours apart: for one of the three it is night at any time.
    zones = ["Europe/Vienna", "America/Los_Angeles", "Asia/Tokyo"]
    people = [
        a_person(f"p{n}@example.com", f"P {n}", zone=zone, company="Firm")
        for n, zone in enumerate(zones)
    ]
    run = book.a_run(RunState.READY, people)
    text = manager.get(f"/runs/{run}/launch/").content.decode()
    assert all(zone in text for zone in zones)
    assert "At night" in text


def test_a_run_that_is_not_ready_says_so_instead_of_asking(
    manager: Client, book: RunBuilder
) -> None:
    run = book.a_run(RunState.PREPARING, 3)
    response = manager.get(f"/runs/{run}/launch/")
    assert "still being prepared" in words(response)
    assert 'id="launch-go"' not in response.content.decode()

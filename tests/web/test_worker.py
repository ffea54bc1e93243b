"""Workers: alive, draining, silent, ended; and asked to drain."""

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
        yield mailing


def test_a_living_worker_is_shown_with_host_and_pid(mailing: Mailing, manager: Client) -> None:
    shown = manager.get("/workers/").content.decode()
    assert "mars" in shown
    assert "pid 4711" in shown
    assert "Alive" in shown
    assert "1 worker alive" in shown


def test_a_silent_and_an_ended_one_are_told_apart(mailing: Mailing, manager: Client) -> None:
    mailing.beat(lease=-1)
    shown = manager.get("/workers/_rows/").content.decode()
    assert "Silent" in shown
    assert "pr-gone" in shown
    assert "No worker is alive." in shown
    mailing.ask("SELECT end_worker(%s)", mailing.worker)
    assert b"Ended" in manager.get("/workers/_rows/").content


def test_drain_asks_first_and_the_next_heartbeat_tells_the_worker(
    mailing: Mailing, manager: Client
) -> None:
    path = f"/workers/{mailing.worker}/drain/"
    question = manager.get(path).content.decode()
    assert "It is the only one alive." in question
    assert mailing.ask("SELECT is_draining FROM worker") is False
    for _ in range(2):
        assert manager.post(path).status_code == 303
    beat = "SELECT beat(%s, 'mars', 4711, '0.1.0', '{prepare}', 60, 0, 0)"
    assert mailing.ask(beat, mailing.worker) is True
    assert mailing.rows("SELECT actor FROM journal WHERE kind = 'drain'") == [("manager",)]
    assert b"Draining" in manager.get("/workers/").content


def test_a_worker_that_is_gone_cannot_drain(mailing: Mailing, manager: Client) -> None:
    mailing.ask("SELECT end_worker(%s)", mailing.worker)
    answer = manager.post(f"/workers/{mailing.worker}/drain/", follow=True)
    assert b"does not live any more" in answer.content
    assert mailing.ask("SELECT is_draining FROM worker") is False
    unknown = "00000000-0000-0000-0000-000000000001"
    assert manager.get(f"/workers/{unknown}/drain/").status_code == 404


def test_without_workers_it_says_how_to_start_one(app: App, manager: Client) -> None:
    assert b"postroad up" in manager.get("/workers/").content


def test_a_drain_is_undone_until_the_worker_has_heard_it(mailing: Mailing, manager: Client) -> None:
    path = f"/workers/{mailing.worker}/drain/"
    asked = manager.post(path, follow=True).content.decode()
    assert f'action="{path}undo/"' in asked
    assert b"goes on working" in manager.post(f"{path}undo/", follow=True).content
    assert mailing.ask("SELECT is_draining FROM worker") is False
    manager.post(path)
    beat = "SELECT beat(%s, 'mars', 4711, '0.1.0', '{prepare}', 60, 0, 0)"
    assert mailing.ask(beat, mailing.worker) is True
    assert b"has heard it already" in manager.post(f"{path}undo/", follow=True).content
    assert mailing.ask("SELECT is_draining FROM worker") is True
    kinds = mailing.rows("SELECT kind FROM journal WHERE kind LIKE 'drain%' ORDER BY id")
    assert kinds == [("drain",), ("drain_undone",), ("drain",)]


def test_the_rate_is_that_between_two_heartbeats(mailing: Mailing, manager: Client) -> None:
    mailing.ask("UPDATE worker SET done = 100, beat_at = now() - interval '10 s' RETURNING id")
    beat = "SELECT beat(%s, 'mars', 4711, '0.1.0', '{dispatch}', 60, 7, 2100)"
    mailing.ask(beat, mailing.worker)
    assert mailing.ask("SELECT round(rate) FROM worker") == 200
    assert b"200/s" in manager.get("/workers/_rows/").content


def test_ended_workers_are_folded_away(mailing: Mailing, manager: Client) -> None:
    mailing.ask("SELECT end_worker(%s)", mailing.worker)
    shown = manager.get("/workers/_rows/").content.decode()
    assert "<details" in shown
    assert ": 1 worker</summary>" in shown
    assert "<table" not in shown


def test_several_versions_at_work_are_told(mailing: Mailing, manager: Client) -> None:
    assert b"Several versions" not in manager.get("/workers/").content
    other = "00000000-0000-0000-0000-0000000000aa"
    mailing.ask("SELECT beat(%s, 'venus', 12, '0.2.0', '{prepare}', 60, 0, 0)", other)
    shown = manager.get("/workers/").content.decode()
    assert "Several versions are at work" in shown
    assert "0.2.0 (1 worker)" in shown


def test_a_drained_slot_rests_until_it_is_let_work_again(mailing: Mailing, manager: Client) -> None:
    slot = "UPDATE worker SET slot = 'worker-1' RETURNING slot"
    assert mailing.ask(slot) == "worker-1"
    path = f"/workers/{mailing.worker}/drain/"
    assert b"worker-1 rests then" in manager.get(path).content
    manager.post(path)
    manager.post(f"{path}undo/")
    assert mailing.rows("SELECT slot FROM resting_slot") == []
    manager.post(path)
    mailing.ask("SELECT end_worker(%s)", mailing.worker)
    shown = manager.get("/workers/_rows/").content.decode()
    assert "rests since" in shown
    assert "drained by manager" in shown
    told = {"host": "mars", "slot": "worker-1"}
    answer = manager.post("/workers/rest/end/", told, follow=True).content.decode()
    assert "works again in a moment" in answer
    assert "rests since" not in answer
    assert b"does not rest any" in manager.post("/workers/rest/end/", told, follow=True).content
    assert mailing.rows("SELECT actor FROM journal WHERE kind = 'rest_ended'") == [("manager",)]


def test_a_worker_that_was_started_alone_leaves_no_slot_behind(
    mailing: Mailing, manager: Client
) -> None:
    manager.post(f"/workers/{mailing.worker}/drain/")
    assert mailing.rows("SELECT slot FROM resting_slot") == []

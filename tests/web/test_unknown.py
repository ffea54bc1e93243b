"""Unknown mails: never resent by themselves, settled by a person, once."""

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from django.test import Client

from postroad.app import App

from .mailing import Mailing


@pytest.fixture
def mailing(app: App, database: str) -> Iterator[Mailing]:
    """A finished run of five: no reply is known for 1, 2 and 3."""
    with psycopg.connect(database, autocommit=True, connect_timeout=10) as connection:
        mailing = Mailing(connection)
        mailing.beat()
        mailing.verify("Letter", [(f"p{at}@x.org", f"Person {at}") for at in range(5)])
        mailing.prepare()
        mailing.launch()
        mailing.dispatch(dict.fromkeys((1, 2, 3), ""))
        yield mailing


def settle(client: Client, mailing: Mailing, how: str, *numbers: int) -> str:
    asked = {"of": [f"{mailing.run}.{n}.1" for n in numbers], "how": how}
    return client.post("/unknown/settle/", asked, follow=True).content.decode()


def test_the_list_explains_and_names_everybody(mailing: Mailing, manager: Client) -> None:
    shown = manager.get("/unknown/").content.decode()
    assert "Begun, and no reply known." in shown
    assert [f"unknown-{mailing.run}-{n}" in shown for n in range(1, 6)] == [True] * 3 + [False] * 2
    assert mailing.ask("SELECT count(*) FROM retry") == 0


def test_asking_changes_nothing_and_says_how_many(mailing: Mailing, manager: Client) -> None:
    of = [f"{mailing.run}.1.1", f"{mailing.run}.2.1"]
    shown = manager.get("/unknown/settle/", {"of": of}).content.decode()
    assert "What became of 2 mails?" in shown
    assert "15 min after the loss" in shown
    every = manager.get("/unknown/settle/", {"all": "1", "run": str(mailing.run)}).content.decode()
    assert "What became of 3 mails?" in every
    assert [mailing.state(n) for n in (1, 2, 3)] == ["unknown"] * 3


def test_settled_as_sent_is_accepted_and_marked_for_ever(mailing: Mailing, manager: Client) -> None:
    assert "1 mail settled as sent" in settle(manager, mailing, "sent", 1)
    assert mailing.state(1) == "accepted"
    page = manager.get(f"/runs/{mailing.run}/recipients/1/").content.decode()
    assert "settled by hand" in page
    assert b"unknown-1-1" not in manager.get("/unknown/").content


def test_a_resend_waits_fifteen_minutes_from_the_loss_on(mailing: Mailing, manager: Client) -> None:
    settle(manager, mailing, "resend", 2)
    due, since = mailing.rows(
        "SELECT t.due_at, j.at FROM retry t JOIN journal j ON j.run_id = t.run_id AND j.n = t.n"
        " AND j.kind = 'unknown'"
    )[0]
    assert timedelta(minutes=14, seconds=59) < due - since < timedelta(minutes=15, seconds=5)
    mailing.ask("UPDATE retry SET due_at = now()")
    before = mailing.ask("SELECT message_id FROM delivery WHERE n = 2")
    mailing.dispatch()
    assert mailing.state(2) == "accepted"
    assert mailing.ask("SELECT message_id FROM delivery WHERE n = 2") == before


def test_dropped_is_dead_and_discarded(mailing: Mailing, manager: Client) -> None:
    settle(manager, mailing, "drop", 3)
    assert mailing.state(3) == "dead"
    assert b"letter-3" in manager.get("/dead-letters/?shelf=discarded").content
    assert b"letter-3" not in manager.get("/dead-letters/").content


def test_settled_twice_is_settled_once(mailing: Mailing, manager: Client) -> None:
    settle(manager, mailing, "sent", 1)
    assert "nothing is done twice" in settle(manager, mailing, "drop", 1)
    assert mailing.state(1) == "accepted"


def test_all_of_a_run_are_settled_in_one_act(mailing: Mailing, manager: Client) -> None:
    manager.post("/unknown/settle/", {"all": "1", "run": mailing.run, "how": "sent"})
    assert [mailing.state(n) for n in range(1, 6)] == ["accepted"] * 5
    assert b"Nothing is unknown" in manager.get("/unknown/").content


def test_a_stopped_run_resends_nothing_but_may_be_settled(
    mailing: Mailing, manager: Client
) -> None:
    settle(manager, mailing, "resend", 2)
    mailing.ask("SELECT stop_run(%s, 'manager', 'Enough.')", mailing.run)
    asked = {"of": f"{mailing.run}.1.1", "how": "resend"}
    answer = manager.post("/unknown/settle/", asked)
    assert answer.status_code == 422
    assert b"a stopped run sends nothing more" in answer.content
    settle(manager, mailing, "sent", 1)
    assert mailing.state(1) == "accepted"


def test_no_answer_chosen_asks_again(mailing: Mailing, manager: Client) -> None:
    for how in ("", "nonsense"):
        answer = manager.post("/unknown/settle/", {"of": f"{mailing.run}.1.1", "how": how})
        assert b"Choose one of the three." in answer.content
    assert mailing.state(1) == "unknown"

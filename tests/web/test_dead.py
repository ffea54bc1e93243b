"""Dead letters: grouped by cause, requeued or discarded, once."""

from collections.abc import Iterator

import psycopg
import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from postroad.app import App
from postroad.core.dead_letter import Letter, advice_on, parse_letters

from .mailing import Mailing

TOO_BIG, CONTENT = "552 5.3.4 Error: message file too big", "554 5.6.0 Not taken"


@pytest.fixture
def mailing(app: App, database: str) -> Iterator[Mailing]:
    """A finished run of ten: 1 to 4 died too big, 5 of its content, the rest was accepted."""
    with psycopg.connect(database, autocommit=True, connect_timeout=10) as connection:
        mailing = Mailing(connection)
        mailing.beat()
        mailing.verify("Letter", [(f"p{at}@x.org", f"Person {at}") for at in range(10)])
        mailing.prepare()
        mailing.launch()
        mailing.dispatch(dict.fromkeys(range(1, 5), TOO_BIG) | {5: CONTENT})
        yield mailing


def keys(mailing: Mailing, *numbers: int, attempt: int = 1) -> list[str]:
    return [str(Letter(mailing.run, n, attempt)) for n in numbers]  # type: ignore[arg-type]


def requeue(client: Client, of: list[str]) -> str:
    return client.post("/dead-letters/requeue/", {"of": of}, follow=True).content.decode()


def test_letters_are_grouped_by_cause_and_say_what_helps(mailing: Mailing, manager: Client) -> None:
    shown = manager.get("/dead-letters/").content.decode()
    assert shown.index("552 5.3.4") < shown.index("554 5.6.0")
    assert "Requeueing alone will fail again." in shown
    assert "Put a smaller file" in shown
    assert [f"letter-{n}" in shown for n in range(1, 6)] == [True] * 4 + [False]
    other = manager.get("/dead-letters/", {"run": str(mailing.run), "cause": "554 5.6.0"})
    assert b"letter-5" in other.content
    assert b"letter-1" not in other.content


def test_a_requeued_letter_goes_out_again_though_the_run_had_finished(
    mailing: Mailing, manager: Client
) -> None:
    assert mailing.ask("SELECT state FROM run WHERE id = %s", mailing.run) == "finished"
    assert "2 dead letters requeued" in requeue(manager, keys(mailing, 1, 2))
    waiting = manager.get("/dead-letters/?shelf=requeued").content.decode()
    assert "Requeued, due:" in waiting
    mailing.dispatch({2: TOO_BIG})
    assert [mailing.state(n) for n in (1, 2, 3)] == ["accepted", "dead", "dead"]
    assert b"letter-2" in manager.get("/dead-letters/").content


def test_requeued_twice_is_done_once(mailing: Mailing, manager: Client) -> None:
    requeue(manager, keys(mailing, 1))
    assert "nothing is done twice" in requeue(manager, keys(mailing, 1))
    assert mailing.ask("SELECT count(*) FROM retry") == 1
    mailing.dispatch()
    assert "nothing is done twice" in requeue(manager, keys(mailing, 1))
    assert mailing.ask("SELECT count(*) FROM retry") == 0


def test_a_whole_group_is_asked_about_and_requeued(mailing: Mailing, manager: Client) -> None:
    asked = {"run": str(mailing.run), "cause": "552 5.3.4"}
    question = manager.get("/dead-letters/group/requeue/", asked).content.decode()
    assert "Requeue 4 dead letters?" in question
    assert "Requeueing alone will fail again." in question
    assert mailing.ask("SELECT count(*) FROM retry") == 0
    manager.post("/dead-letters/group/requeue/", asked)
    assert mailing.rows("SELECT n FROM retry ORDER BY n") == [(1,), (2,), (3,), (4,)]


def test_a_stopped_run_refuses_and_says_what_to_do(mailing: Mailing, manager: Client) -> None:
    requeue(manager, keys(mailing, 1))
    mailing.ask("SELECT stop_run(%s, 'manager', 'Enough.')", mailing.run)
    answer = manager.post("/dead-letters/requeue/", {"of": keys(mailing, 3)})
    assert answer.status_code == 422
    assert b"make a new run of the campaign" in answer.content
    assert mailing.ask("SELECT count(*) FROM retry WHERE n = 3") == 0


def test_discarding_is_done_at_once_and_undone_by_its_toast(
    mailing: Mailing, manager: Client
) -> None:
    manager.post("/dead-letters/discard/", {"of": keys(mailing, 4)})
    answer = manager.post("/dead-letters/discard/", {"of": keys(mailing, 1, 2)}, follow=True)
    assert "2 dead letters discarded" in answer.content.decode()
    undo = answer.content.decode().split('action="/dead-letters/undo/')[1].split('"')[0]
    marked = "SELECT n FROM attention WHERE mark = 'discarded' ORDER BY n"
    assert mailing.rows(marked) == [(1,), (2,), (4,)]
    assert b"letter-1" in manager.get("/dead-letters/?shelf=discarded").content
    assert manager.get(f"/dead-letters/undo/{undo}").status_code == 405
    manager.post("/dead-letters/undo/" + undo.replace("&amp;", "&"))
    assert mailing.rows(marked) == [(4,)]


def test_a_whole_group_is_discarded_and_the_letters_stay_dead(
    mailing: Mailing, manager: Client
) -> None:
    asked = {"run": str(mailing.run), "cause": "552 5.3.4"}
    manager.post("/dead-letters/group/discard/", asked)
    assert [mailing.state(n) for n in range(1, 6)] == ["dead"] * 5
    open_ones = "SELECT n FROM attention WHERE state = 'dead' AND mark IS NULL"
    assert mailing.rows(open_ones) == [(5,)]


def test_nothing_chosen_changes_nothing_and_says_so(mailing: Mailing, manager: Client) -> None:
    for of in ([], ["nonsense"], ["1.2"], ["1.2.99999"]):
        answer = manager.post("/dead-letters/requeue/", {"of": of})
        assert answer.status_code == 422
        assert b"choose some first" in answer.content


def test_an_empty_list_says_what_belongs_here(app: App, manager: Client) -> None:
    for shelf in ("open", "requeued", "discarded"):
        answer = manager.get("/dead-letters/", {"shelf": shelf})
        assert b"pr-empty" in answer.content


def test_pages_of_a_group_walk_both_ways(app: App, database: str, manager: Client) -> None:
    with psycopg.connect(database, autocommit=True, connect_timeout=10) as connection:
        mailing = Mailing(connection)
        mailing.beat()
        mailing.verify("Letter", [(f"p{at}@x.org", "") for at in range(70)])
        mailing.prepare()
        mailing.launch()
        mailing.dispatch(dict.fromkeys(range(1, 71), TOO_BIG))
    first = manager.get("/dead-letters/").content.decode()
    assert 'id="letter-50"' in first
    assert 'id="letter-51"' not in first
    onward = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = manager.get(onward).content.decode()
    assert 'id="letter-51"' in second
    back = second.split('rel="prev" href="')[1].split('"')[0].replace("&amp;", "&")
    assert 'id="letter-50"' in manager.get(back).content.decode()


def test_a_list_costs_the_same_number_of_queries_at_any_length(
    mailing: Mailing, manager: Client
) -> None:
    from django.db import connection

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            manager.get("/dead-letters/")
        return len(seen)

    many = queries()
    manager.post("/dead-letters/discard/", {"of": keys(mailing, 2, 3, 4, 5)})
    manager.get("/dead-letters/")
    assert queries() == many


@pytest.mark.parametrize(
    ("cause", "text", "fails_again"),
    [
        ("552 5.3.4", "Error: message file too big", True),
        ("554 5.6.0", "Not taken", True),
        ("552", "Message exceeds fixed maximum size", True),
        ("gave up: 451 4.3.0", "Gave up after 600 s. Last reply: 451 4.3.0 Later", False),
        ("550 5.7.1", "Spam", False),
        ("worker lost", "The worker fell silent", False),
    ],
)
def test_the_advice_knows_when_the_same_bytes_fail_again(
    cause: str,
    text: str,
    fails_again: bool,  # noqa: FBT001 (a parameter of the table above)
) -> None:
    advice = advice_on(cause, text)
    assert advice.fails_again is fails_again
    assert advice.help.endswith(".")


def test_letters_survive_being_written_down() -> None:
    letters = [Letter(12, 345, 1), Letter(1, 2, 3)]  # type: ignore[arg-type]
    assert parse_letters(map(str, letters)) == letters
    assert parse_letters(["", "1.2", "a.b.c", "1.2.3.4", "-1.2.3", "١.٢.٣"]) == []

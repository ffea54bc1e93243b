"""What becomes of unknown mails without a person: chosen at the campaign, pinned, told on pages."""

import re
from typing import Any

import psycopg
import pytest
from django.test import Client

from postroad.app import App
from postroad.core.lifecycle import RunState
from postroad.core.unknown import UnknownPolicy
from postroad.testing.runs import RunBuilder

from .mailing import Mailing
from .test_campaign import a_draft, typed, words
from .test_relay import FRANKFURT, make, shown


def test_a_campaign_holds_unknowns_until_it_is_told_otherwise(app: App, manager: Client) -> None:
    key = a_draft(app)
    found = app.campaigns.get(key)
    assert found is not None
    assert found.fields.unknown_policy is UnknownPolicy.HOLD
    changed = typed(app, key, unknown_policy="resend", resend_limit="3")
    assert manager.post(f"/campaigns/{key}/edit/", changed).status_code == 303
    found = app.campaigns.get(key)
    assert found is not None
    assert (found.fields.unknown_policy, found.fields.resend_limit) == (UnknownPolicy.RESEND, 3)
    form = shown(manager, f"/campaigns/{key}/edit/")
    chosen = re.findall(r"<input[^>]*checked[^>]*>", form)
    assert any('value="resend"' in each for each in chosen)
    assert not any('value="hold"' in each for each in chosen)


@pytest.mark.parametrize("limit", ["0", "6", "many"])
def test_a_limit_that_cannot_be_is_refused_at_its_field(
    app: App, manager: Client, limit: str
) -> None:
    key = a_draft(app)
    changed = typed(app, key, unknown_policy="resend", resend_limit=limit)
    answer = manager.post(f"/campaigns/{key}/edit/", changed)
    assert answer.status_code == 422
    assert "Write a number from 1 to 5" in words(answer)


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (UnknownPolicy.HOLD, "A mail without a reply waits for you"),
        (UnknownPolicy.RESEND, "sent again after 15 min, 2 times at most"),
        (UnknownPolicy.LOOK_UP, "looked up at the relay after 15 min"),
    ],
)
def test_verify_pins_it_and_the_launch_says_so(
    app: App, manager: Client, policy: UnknownPolicy, said: str
) -> None:
    run = RunBuilder(app).a_run(RunState.READY, 3, unknown_policy=policy, resend_limit=2)
    head = app.runs.head(run)
    assert head is not None
    assert (head.unknown_policy, head.resend_limit) == (policy, 2)
    assert said in words(manager.get(f"/runs/{run}/launch/"))


def test_an_edit_of_it_abandons_the_verified_run(app: App, manager: Client) -> None:
    book = RunBuilder(app)
    run = book.a_run(RunState.READY, 3)
    key = next(iter(book.campaigns))
    manager.post(f"/campaigns/{key}/edit/", typed(app, key, unknown_policy="resend"))
    head = app.runs.head(run)
    assert head is not None
    assert head.state is RunState.STOPPED


def test_a_relay_keeps_its_look_up_and_refuses_a_path(manager: Client) -> None:
    path = make(manager, lookup="ask-postfix")
    assert "ask-postfix" in shown(manager, path)
    assert 'value="ask-postfix"' in shown(manager, f"{path}edit/")
    for bad in ("/bin/sh", "https://me:secret@example.org/"):
        answer = manager.post(f"{path}edit/", FRANKFURT | {"lookup": bad})
        assert answer.status_code == 422


def test_the_checklist_says_where_the_relay_cannot_be_asked(app: App, manager: Client) -> None:
    key = RunBuilder(app).a_campaign([], unknown_policy=UnknownPolicy.LOOK_UP)
    assert "The relay has no look-up" in words(manager.get(f"/campaigns/{key}/"))


@pytest.fixture
def mailing(app: App, database: str) -> Any:
    """A connection for a run whose second mail becomes unknown."""
    with psycopg.connect(database, autocommit=True, connect_timeout=10) as connection:
        yield Mailing(connection)


def _lost(mailing: Mailing, policy: str) -> str:
    mailing.beat()
    people = [(f"p{at}@x.org", f"Person {at}") for at in range(3)]
    mailing.verify("Letter", people, unknown_policy=policy)
    mailing.prepare()
    mailing.launch()
    mailing.dispatch({2: ""})
    return f"/runs/{mailing.run}/recipients/2/"


def test_pages_tell_that_a_run_sends_it_again_and_that_it_did(
    mailing: Mailing, manager: Client
) -> None:
    path = _lost(mailing, "resend")
    assert "sends it again by itself after 15 min" in shown(manager, path)
    assert "sent again by its run" in shown(manager, "/unknown/")
    assert mailing.ask("SELECT settle_by_policy(0)") == "settled"
    page = words(manager.get(path))
    assert "settled by policy" in page
    assert "Sent again with the same Message-ID, time 1 of 1 at most." in page
    assert "settled by hand" not in page
    assert "No reply is known" in words(manager.get("/journal/?actor=policy"))


@pytest.mark.parametrize(
    ("answer", "said"),
    [("sent", "settled by look-up"), ("unknown", "waits for a person")],
)
def test_pages_tell_what_the_look_up_said(
    mailing: Mailing, manager: Client, answer: str, said: str
) -> None:
    path = _lost(mailing, "look_up")
    assert "asks the relay’s look-up after 15 min" in shown(manager, path)
    assert "looked up by its run" in shown(manager, "/unknown/")
    ask = "SELECT settle_by_lookup(%s, 2, 1, %s, 0, 'The look-up spoke.')"
    mailing.ask(ask, mailing.run, answer)
    page = words(manager.get(path))
    assert said in page
    assert "The look-up spoke." in page
    assert "looked up by its run" not in shown(manager, "/unknown/")
    if answer == "unknown":
        assert "It is not sent again by itself" in page

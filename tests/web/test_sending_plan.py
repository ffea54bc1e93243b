"""How a campaign goes out: its relays with their shares, its urgency, its own limits."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from postroad.app import App
from postroad.core.ids import CampaignId
from postroad.core.lifecycle import RunState
from postroad.core.relay import RelayFields
from postroad.core.running import VerifyStarted
from postroad.core.saved import Saved
from postroad.testing.runs import RunBuilder


def rows(statement: str, *arguments: int | str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        return list(cursor.fetchall())


@pytest.fixture
def book(app: App) -> RunBuilder:
    return RunBuilder(app)


def a_relay(app: App, name: str) -> int:
    made = app.relays.create(RelayFields(name, "smtp.example.org", 587), "test")
    assert isinstance(made, Saved)
    return made.id


def typed(**more: object) -> dict[str, str]:
    return {"urgency": "by_kind"} | {key.replace("_of_", "-"): str(it) for key, it in more.items()}


def campaign_of(run: int) -> CampaignId:
    return CampaignId(rows("SELECT campaign_id FROM run WHERE id = %s", run)[0][0])


def verified(app: App, campaign: CampaignId) -> int:
    started = app.runs.verify(campaign, "test")
    assert isinstance(started, VerifyStarted), started
    return started.run_id


def test_shares_and_urgency_are_pinned_by_verify(
    manager: Client, app: App, book: RunBuilder
) -> None:
    waiting = book.a_run(RunState.READY)
    campaign = campaign_of(waiting)
    near, far, spare = (a_relay(app, name) for name in ("Near", "Far", "Spare"))
    shares = {f"share-{near}": "1", f"share-{far}": "3", f"share-{spare}": "0"}
    answer = manager.post(f"/campaigns/{campaign}/sending/", typed(urgency="ordinary") | shares)
    assert answer.status_code == 303
    assert rows("SELECT state FROM run WHERE id = %s", waiting) == [("stopped",)]
    run = verified(app, campaign)
    assert rows(
        "SELECT relay_id, weight FROM run_relay WHERE run_id = %s ORDER BY relay_id", run
    ) == [(near, 1), (far, 3), (spare, 0)]
    assert rows("SELECT relay_id, priority FROM run WHERE id = %s", run) == [(far, 0)]
    single = json.loads(rows("SELECT single_pins(%s, '')", campaign)[0][0])
    assert (single["priority"], len(single["relays"])) == (1, 3), "single mails go out alike"
    assert "Far with Near, Spare" in manager.get(f"/runs/{run}/").content.decode()
    text = manager.get(f"/campaigns/{campaign}/").content.decode()
    assert 'Far <span class="pr-ink-2">75 %</span>' in text
    assert 'Spare <span class="pr-ink-2">only when the others fail</span>' in text
    assert "In turn with other runs" in text
    detail = rows("SELECT detail FROM journal WHERE kind = 'campaign_sending_changed'")[0][0]
    assert json.loads(detail)["urgency"] == "ordinary"


def test_without_shares_it_is_one_relay_and_personal_is_urgent(app: App, book: RunBuilder) -> None:
    run = book.a_run(RunState.READY)
    pinned = rows("SELECT relay_id, weight FROM run_relay WHERE run_id = %s", run)
    assert pinned == [(rows("SELECT relay_id FROM run WHERE id = %s", run)[0][0], 1)]
    assert rows("SELECT is_personal, priority FROM run WHERE id = %s", run) == [(True, 1)]


def test_its_own_limits_hold_at_once_and_abandon_nothing(
    manager: Client, app: App, book: RunBuilder
) -> None:
    run = book.a_run(RunState.READY)
    campaign = campaign_of(run)
    path = f"/campaigns/{campaign}/sending/"
    assert manager.post(path, typed(per_minute=600, at_once=7)).status_code == 303
    assert rows("SELECT key, per_minute, at_once FROM bucket WHERE kind = 'campaign'") == [
        (str(campaign), 600, 7)
    ]
    assert rows("SELECT state FROM run WHERE id = %s", run) == [("ready",)]
    text = manager.get(f"/campaigns/{campaign}/").content.decode()
    assert "600 mails a minute · 7 at once" in text
    assert 'value="600"' in manager.get(path).content.decode()
    assert "600 mails a minute" in manager.get("/limits/").content.decode()
    manager.post(path, typed(per_minute=600, at_once=7))
    acts = rows("SELECT count(*) FROM journal WHERE kind = 'campaign_sending_changed'")
    assert acts == [(1,)], "pressed twice it is one change"


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        (("0", "0", ""), "Every relay is a reserve"),
        (("1", "", "1"), "The sandbox keeps what it gets"),
        (("1001", "", ""), "A share is a number from 0 to 1,000"),
        (("-1", "", ""), "A share is a number from 0 to 1,000"),
        (("some", "", ""), "Write a number, 0 for a reserve"),
    ],
)
def test_shares_that_make_no_sense_are_refused(
    manager: Client, app: App, book: RunBuilder, shares: tuple[str, ...], said: str
) -> None:
    campaign = campaign_of(book.a_run(RunState.READY))
    relays = (a_relay(app, "Near"), a_relay(app, "Far"), app.relays.put_sandbox(2525))
    given = {f"share-{relay}": share for relay, share in zip(relays, shares, strict=True)}
    answer = manager.post(f"/campaigns/{campaign}/sending/", typed() | given)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert rows("SELECT 1 FROM campaign_relay") == []


def test_another_relay_in_the_form_takes_the_place_of_the_shares(
    manager: Client, app: App, book: RunBuilder
) -> None:
    campaign = campaign_of(book.a_run(RunState.READY))
    near, far = a_relay(app, "Near"), a_relay(app, "Far")
    shares = {f"share-{near}": "1", f"share-{far}": "2"}
    manager.post(f"/campaigns/{campaign}/sending/", typed() | shares)
    copied = manager.post(f"/campaigns/{campaign}/copy/")["Location"].split("/")[2]
    kept = "SELECT count(*) FROM campaign_relay WHERE campaign_id = %s"
    assert rows(kept, copied) == [(2,)], "a copy goes out alike"
    assert manager.post(f"/relays/{near}/delete/").status_code == 422, "a campaign uses it"
    found = app.campaigns.get(campaign)
    assert found is not None
    fields = found.fields
    form = {"name": fields.name, "kind": "personal", "audience": str(fields.audience_id),
            "content": str(fields.content_id), "sender_name": fields.sender_name,
            "sender_address": fields.sender_address, "relay": str(near)}  # fmt: skip
    assert manager.post(f"/campaigns/{campaign}/edit/", form).status_code == 303
    assert rows(kept, campaign) == [(0,)]

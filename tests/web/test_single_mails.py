"""A campaign opened for single mails, what is missing before, and the list of what came."""

import html
import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from postroad.app import App
from postroad.core.ids import CampaignId
from postroad.testing.runs import RunBuilder, some_people


@pytest.fixture
def campaign(app: App) -> CampaignId:
    return RunBuilder(app).a_campaign(some_people(2))


def words(response: Any) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def submit(campaign: int, key: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT outcome FROM submit_delivery(%s, %s, %s, %s, '', '{}', '', 'outside')",
            [campaign, key, f"{key}@example.org", f"{key}@example.org"],
        )
        return str(cursor.fetchone()[0])


def kinds(app: App) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind FROM journal WHERE kind LIKE 'campaign_%%' ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def test_a_campaign_is_closed_until_the_manager_opens_it(
    app: App, manager: Client, campaign: CampaignId
) -> None:
    assert submit(campaign, "a") == "closed"
    assert "Closed" in words(manager.get(f"/campaigns/{campaign}/"))
    answer = manager.post(f"/campaigns/{campaign}/open/")
    assert answer["Location"] == f"/campaigns/{campaign}/single-mails/"
    page = manager.get(answer["Location"])
    assert "Open for single mails" in words(page)
    assert 'id="campaign-close"' in page.content.decode()
    assert submit(campaign, "a") == "taken"
    manager.post(f"/campaigns/{campaign}/open/")
    manager.post(f"/campaigns/{campaign}/close/")
    manager.post(f"/campaigns/{campaign}/close/")
    assert submit(campaign, "b") == "closed"
    assert kinds(app)[-2:] == ["campaign_opened", "campaign_closed"]


def test_what_is_missing_is_named_and_keeps_it_closed(app: App, manager: Client) -> None:
    campaign = RunBuilder(app).a_campaign(some_people(2), sender_address="")
    page = manager.get(f"/campaigns/{campaign}/single-mails/")
    assert "The sender has no address: fill in who writes." in words(page)
    assert re.search(r'id="campaign-open"[^>]*disabled', page.content.decode())
    answer = manager.post(f"/campaigns/{campaign}/open/")
    assert "The sender has no address" in words(manager.get(answer["Location"]))
    assert "campaign_opened" not in kinds(app)


def test_nobody_chosen_keeps_nothing_closed(app: App, manager: Client) -> None:
    campaign = RunBuilder(app).a_campaign(some_people(2), audience_id=None)
    manager.post(f"/campaigns/{campaign}/open/")
    assert submit(campaign, "a") == "taken"


def test_an_archived_campaign_is_not_opened(
    app: App, manager: Client, campaign: CampaignId
) -> None:
    app.campaigns.archive(campaign, "test")
    answer = manager.post(f"/campaigns/{campaign}/open/")
    assert "restore it first" in words(manager.get(answer["Location"]))


def test_the_example_is_a_message_that_is_taken(
    app: App, manager: Client, campaign: CampaignId
) -> None:
    from postroad.core.messages import Accepted, read_message

    page = manager.get(f"/campaigns/{campaign}/single-mails/").content.decode()
    found = re.search(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)
    assert found
    example = html.unescape(found[1])
    assert json.loads(example)["campaign"] == campaign
    assert isinstance(read_message(example.encode()), Accepted)


def test_the_list_pages_by_key_and_costs_the_same_at_any_length(
    app: App, manager: Client, campaign: CampaignId
) -> None:
    manager.post(f"/campaigns/{campaign}/open/")
    path = f"/campaigns/{campaign}/single-mails/"
    assert "No single mail yet" in words(manager.get(path))
    submit(campaign, "m0")
    with CaptureQueriesContext(connection) as few:
        manager.get(path)
    for number in range(1, 120):
        assert submit(campaign, f"m{number}") == "taken"
    with CaptureQueriesContext(connection) as many:
        first = manager.get(path)
    assert len(many) == len(few)
    assert "120 mails" in words(first)
    seen = [*_keys(first)]
    step = first
    while following := re.search(r'rel="next" href="([^"]+)"', step.content.decode()):
        step = manager.get(html.unescape(following[1]))
        seen += _keys(step)
    assert seen == [f"m{number}" for number in reversed(range(120))]
    back = re.search(r'rel="prev" href="([^"]+)"', step.content.decode())
    assert back
    assert _keys(manager.get(html.unescape(back[1]))) == seen[50:100]
    for cursor in ("x", "W2ZhbHNlLCAxXQ", "a" * 500):
        assert manager.get(path, {"cursor": cursor}).status_code == 200


def test_each_leads_to_its_run(app: App, manager: Client, campaign: CampaignId) -> None:
    manager.post(f"/campaigns/{campaign}/open/")
    submit(campaign, "a")
    page = manager.get(f"/campaigns/{campaign}/single-mails/").content.decode()
    found = re.search(r'href="(/runs/\d+/)" title="a@example.org"', page)
    assert found
    assert manager.get(found[1]).status_code == 200


def _keys(response: Any) -> list[str]:
    return re.findall(r'pr-mono" title="([^"]+)"', response.content.decode())

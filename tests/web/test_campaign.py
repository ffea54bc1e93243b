"""A campaign from its first field to Verify: what is missing, what blocks, what an edit undoes."""

import re
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from postroad.app import App
from postroad.core.campaign import CampaignFields
from postroad.core.ids import CampaignId, RunId
from postroad.core.lifecycle import CampaignState, RunState
from postroad.core.saved import Saved
from postroad.testing.runs import Hand, RunBuilder, a_person, rejected, some_people


@pytest.fixture
def book(app: App) -> RunBuilder:
    return RunBuilder(app)


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def a_draft(app: App, **fields: Any) -> CampaignId:
    outcome = app.campaigns.create(CampaignFields("Spring letter", **fields), "test")
    assert isinstance(outcome, Saved)
    return outcome.id


def typed(app: App, campaign_id: CampaignId, **changed: Any) -> dict[str, Any]:
    """What the form of this campaign would post, less what is empty."""
    row = app.campaigns.get(campaign_id)
    assert row is not None
    kept = row.fields
    shown = {
        "name": kept.name,
        "kind": "personal" if kept.is_personal else "bulk",
        "audience": kept.audience_id or "",
        "content": kept.content_id or "",
        "relay": kept.relay_id or "",
        "sender_name": kept.sender_name,
        "sender_address": kept.sender_address,
        "reply_to": kept.reply_to,
        "postal_address": kept.postal_address,
    }
    return shown | changed


def test_an_empty_list_offers_the_first_campaign(manager: Client) -> None:
    page = manager.get("/campaigns/")
    assert "No campaign yet" in words(page)
    assert 'href="/campaigns/new/"' in page.content.decode()


def test_a_name_is_enough_for_a_draft(app: App, manager: Client) -> None:
    answer = manager.post("/campaigns/new/", {"name": "Spring letter", "kind": "personal"})
    assert answer.status_code == 303
    (row,) = app.campaigns.all()
    assert (row.fields.name, row.state) == ("Spring letter", CampaignState.DRAFT)
    page = manager.get(answer["Location"])
    assert "Nobody is chosen: choose an audience." in words(page)
    assert "There is nothing to send: choose a content." in words(page)


def test_a_fault_lands_on_its_field_and_clears_nothing(app: App, manager: Client) -> None:
    answer = manager.post(
        "/campaigns/new/",
        {"name": "Spring", "kind": "bulk", "sender_address": "clara@", "reply_to": "x@example.org"},
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'id="id_sender_address-fault"' in page
    assert 'value="clara@"' in page
    assert 'value="x@example.org"' in page
    assert app.campaigns.all() == []


def test_a_choice_that_is_gone_meanwhile_says_so(manager: Client) -> None:
    answer = manager.post("/campaigns/new/", {"name": "A", "kind": "personal", "audience": "77"})
    assert answer.status_code == 422
    assert "This audience is not there any more: choose another." in words(answer)


def test_the_chain_shows_every_station_with_its_figure(manager: Client, book: RunBuilder) -> None:
    campaign = book.a_campaign(some_people(12))
    page = manager.get(f"/campaigns/{campaign}/")
    said = words(page)
    assert "12 people" in said
    assert "Revision 1" in said
    assert "Clara Voss" in said
    assert "Sandbox: nothing leaves" in said
    assert page.content.decode().count("pr-station-done") == 4


def test_verify_is_dead_while_something_red_is_left_and_each_line_leads_to_its_mending(
    app: App, manager: Client, book: RunBuilder
) -> None:
    campaign = book.a_campaign(some_people(2), sender_address="")
    page = manager.get(f"/campaigns/{campaign}/").content.decode()
    assert re.search(r"<button[^>]*disabled", page)
    assert "The sender has no address" in page
    assert f'href="/campaigns/{campaign}/edit/#id_sender_address"' in page
    app.campaigns.edit(campaign, fields_of(app, campaign, sender_address="a@example.org"), "test")
    page = manager.get(f"/campaigns/{campaign}/").content.decode()
    assert not re.search(r"<button[^>]*disabled", page)
    assert "Nothing blocks" in page


def fields_of(app: App, campaign_id: CampaignId, **changed: Any) -> CampaignFields:
    row = app.campaigns.get(campaign_id)
    assert row is not None
    return replace(row.fields, **changed)


def test_verify_from_the_page_makes_the_run_and_launch_is_offered_when_it_is_ready(
    app: App, manager: Client, book: RunBuilder
) -> None:
    campaign = book.a_campaign(some_people(3))
    page = manager.get(f"/campaigns/{campaign}/").content.decode()
    action = re.search(r'action="(/runs/verify/\d+/)"', page)
    assert action
    assert manager.post(action[1]).status_code == 303
    assert "Preparing" in words(manager.get(f"/campaigns/{campaign}/"))
    with Hand(app.dsn) as hand:
        hand.select()
        hand.prepare()
        hand.advance()
    (run,) = app.campaigns.runs(campaign)
    page = manager.get(f"/campaigns/{campaign}/").content.decode()
    assert f'href="/runs/{run.id}/launch/"' in page
    assert "3 mails ready" in page
    assert 'action="/runs/verify/' not in page


def test_an_edit_abandons_the_verified_run_and_says_so(
    app: App, manager: Client, book: RunBuilder
) -> None:
    run = book.a_run(RunState.READY, 3)
    campaign = campaign_of(app, run)
    answer = manager.post(
        f"/campaigns/{campaign}/edit/", typed(app, campaign, sender_name="Clara V.")
    )
    assert answer.status_code == 303
    page = manager.get(answer["Location"])
    assert "The verified run was abandoned: verify again" in words(page)
    assert f'action="/runs/verify/{campaign}/"' in page.content.decode()
    assert app.campaigns.runs(campaign)[0].is_stopped


def test_a_new_name_abandons_nothing(app: App, manager: Client, book: RunBuilder) -> None:
    run = book.a_run(RunState.READY, 3)
    campaign = campaign_of(app, run)
    manager.post(f"/campaigns/{campaign}/edit/", typed(app, campaign, name="Another"))
    assert app.campaigns.runs(campaign)[0].can_launch
    assert "Another" in words(manager.get("/campaigns/"))


def campaign_of(app: App, run_id: RunId) -> CampaignId:
    head = app.runs.head(run_id)
    assert head is not None
    return CampaignId(head.campaign_id)


def test_the_funnel_leaves_out_the_suppressed(app: App, manager: Client, book: RunBuilder) -> None:
    campaign = book.a_campaign(some_people(5))
    app.suppressions.add("person2@example.com", "", "test")
    page = manager.get(f"/campaigns/{campaign}/").content.decode()
    funnel = page[page.index('id="funnel"') : page.index('id="arrives"')]
    assert re.search(r'id="will-get-it">4<', funnel)
    assert "− 1" in re.sub(r"<[^>]+>", "", funnel)


def test_what_arrives_is_the_mail_of_a_real_person(manager: Client, book: RunBuilder) -> None:
    campaign = book.a_campaign([a_person("zoe@example.org", "Zoë", company="Firm")])
    said = words(manager.get(f"/campaigns/{campaign}/"))
    assert "A letter for Zoë" in said
    assert "Dear Zoë," in said


def test_a_person_whose_mail_fails_shows_why(manager: Client, book: RunBuilder) -> None:
    campaign = book.a_campaign([a_person("nofirm@example.org", "No Firm")])
    said = words(manager.get(f"/campaigns/{campaign}/"))
    assert "The mail needs company (line 3, column 24)" in said


def test_an_unknown_variable_is_to_be_read_and_blocks_nothing(
    manager: Client, book: RunBuilder
) -> None:
    campaign = book.a_campaign(some_people(2), source="Dear {{ fist_name }}")
    page = manager.get(f"/campaigns/{campaign}/")
    assert "Body, line 1, column 9: There is no variable fist_name." in words(page)
    assert "Nothing blocks" in words(page)


def test_a_bulk_campaign_asks_for_a_public_address_and_a_postal_one(
    manager: Client, book: RunBuilder
) -> None:
    campaign = book.a_campaign(some_people(2), is_personal=False)
    page = manager.get(f"/campaigns/{campaign}/")
    assert "public HTTPS address" in words(page)
    assert "postal address: fill it in" in words(page)
    assert "There is no link to unsubscribe." in words(page)
    assert 'href="/settings/"' in page.content.decode()


def test_runs_are_listed_with_their_outcome(app: App, manager: Client, book: RunBuilder) -> None:
    run = book.a_run(RunState.RUNNING, 4)
    with Hand(app.dsn) as hand:
        hand.dispatch(rejected)
        hand.advance()
    campaign = campaign_of(app, run)
    page = manager.get(f"/campaigns/{campaign}/").content.decode()
    assert f'id="run-{run}"' in page
    assert "Finished" in page
    assert "0 accepted" in page
    assert "Verify again" in page


def test_archived_is_out_of_the_list_and_undo_brings_it_back(
    app: App, manager: Client, book: RunBuilder
) -> None:
    campaign = book.a_campaign(some_people(2))
    answer = manager.post(f"/campaigns/{campaign}/archive/")
    assert answer.status_code == 303
    page = manager.get("/campaigns/").content.decode()
    assert f'id="campaign-{campaign}"' not in page
    undo = re.search(r'action="([^"]+/restore/)"', page)
    assert undo
    assert f'id="campaign-{campaign}"' in manager.get("/campaigns/?archived=1").content.decode()
    assert manager.post(undo[1]).status_code == 303
    assert f'id="campaign-{campaign}"' in manager.get("/campaigns/").content.decode()


def test_a_campaign_that_is_sending_is_not_archived(
    app: App, manager: Client, book: RunBuilder
) -> None:
    campaign = campaign_of(app, book.a_run(RunState.RUNNING, 3))
    answer = manager.post(f"/campaigns/{campaign}/archive/")
    assert "stop it first" in words(manager.get(answer["Location"]))
    assert not app.campaigns.get(campaign).is_archived  # type: ignore[union-attr]


def test_a_copy_is_a_draft_with_the_same_choices(
    app: App, manager: Client, book: RunBuilder
) -> None:
    campaign = campaign_of(app, book.a_run(RunState.FINISHED, 2))
    answer = manager.post(f"/campaigns/{campaign}/copy/")
    copied, first = app.campaigns.all()
    assert answer["Location"] == f"/campaigns/{copied.id}/edit/"
    assert copied.fields.name == "Winter letter (copy)"
    assert copied.state is CampaignState.DRAFT
    assert copied.fields.audience_id == first.fields.audience_id
    assert copied.latest_run is None


def test_what_is_gone_is_not_found(manager: Client) -> None:
    assert manager.get("/campaigns/77/").status_code == 404
    assert manager.get("/campaigns/77/edit/").status_code == 404
    answer = manager.post("/campaigns/77/copy/")
    assert "not there any more" in words(manager.get(answer["Location"]))


def test_a_new_campaign_begins_with_the_sender_of_the_settings_and_a_chosen_content(
    app: App, manager: Client, book: RunBuilder
) -> None:
    book.a_campaign(some_people(1))
    (content,) = app.contents.all()
    page = manager.get(f"/campaigns/new/?content={content.id}").content.decode()
    assert re.search(rf'<option value="{content.id}" selected', page)


def test_the_list_costs_the_same_with_many_campaigns(app: App, manager: Client) -> None:
    a_draft(app)
    few = queries_of(manager, "/campaigns/")
    for _ in range(9):
        a_draft(app)
    assert queries_of(manager, "/campaigns/") == few


def queries_of(manager: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert manager.get(path).status_code == 200
    return len(queries)

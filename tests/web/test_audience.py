"""Audiences in the browser: deployed, compared, and asked why somebody is not in."""

from typing import Any

import pytest
from django.test import Client

from postroad.app import App


@pytest.fixture(autouse=True)
def people(app: App) -> None:
    app.contacts.add("Ann Lee <ann@x.org>, bob@x.org", ["press"], "manager")
    app.contacts.add("cy@x.org", [], "manager")


def shown(manager: Client, path: str) -> str:
    answer = manager.get(path)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def make(manager: Client, **typed: Any) -> str:
    answer = manager.post("/audiences/new/", {"name": "Press", "kind": "tagged", **typed})
    assert answer.status_code == 303, answer.content
    return str(answer["Location"])


def test_an_empty_list_leads_to_the_first_audience(manager: Client) -> None:
    text = shown(manager, "/audiences/")
    assert "No audience yet" in text
    assert 'href="/audiences/new/"' in text


def test_an_audience_by_tag_is_deployed_counted_and_sampled(manager: Client, app: App) -> None:
    app.suppressions.add("bob@x.org", "", "manager")
    path = make(manager, tags=["press"])
    text = shown(manager, path)
    assert "contacts with the tag “press”" in text
    assert "CREATE FUNCTION postroad.audience_" in text
    assert "Ann Lee" in text
    assert "cy@x.org" not in text
    rows = shown(manager, "/audiences/")
    assert "Contacts with the tag “press”" in rows
    count = shown(manager, f"{path}_count/")
    assert "<strong>1</strong>" in count
    assert "1 suppressed" in count


def test_a_new_version_stands_beside_the_old_one(manager: Client, app: App) -> None:
    path = make(manager, tags=["press"])
    form = shown(manager, f"{path}edit/")
    assert "Deploy version 2" in form
    assert 'value="press" checked' in form
    answer = manager.post(f"{path}edit/", {"name": "Everybody", "kind": "everyone"})
    assert answer["Location"] == path
    text = shown(manager, path)
    assert "Everybody" in text
    assert text.index('id="version-2"') < text.index('id="version-1"')
    assert "Take up again" in text
    assert 'value="press" checked' in shown(manager, f"{path}edit/?from=1")
    manager.post(f"{path}edit/", {"name": "Everybody", "kind": "everyone"})
    assert "the people are as before" in shown(manager, path)
    assert 'id="version-3"' not in shown(manager, path)


def test_people_are_picked_by_their_addresses(manager: Client, app: App) -> None:
    path = make(manager, kind="hand_picked", people="CY@x.org\nAnn Lee <ann@x.org>")
    assert "2 people picked by hand" in shown(manager, path)
    form = shown(manager, f"{path}edit/")
    assert "cy@x.org\nann@x.org</textarea>" in form or "ann@x.org\ncy@x.org</textarea>" in form


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": " ", "kind": "everyone"}, "has no name"),
        ({"name": "A", "kind": "tagged"}, "choose at least one"),
        ({"name": "A", "kind": "hand_picked", "people": ""}, "pick at least one"),
        ({"name": "A", "kind": "hand_picked", "people": "zoe@x.org"}, "Not in the contacts: zoe"),
        ({"name": "A", "kind": "hand_picked", "people": "zoe@"}, "Line 1: zoe@"),
    ],
)
def test_what_cannot_be_deployed_says_why_and_keeps_what_was_typed(
    manager: Client, app: App, typed: dict[str, str], said: str
) -> None:
    answer = manager.post("/audiences/new/", typed)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert typed.get("people", "") in answer.content.decode()
    assert app.audiences.all() == []


def test_a_name_is_given_once(manager: Client) -> None:
    make(manager, tags=["press"])
    answer = manager.post("/audiences/new/", {"name": "Press", "kind": "everyone"})
    assert answer.status_code == 422
    assert b"choose another name" in answer.content


def test_why_is_somebody_not_in_answers_for_one_address(manager: Client, app: App) -> None:
    path = make(manager, tags=["press"])
    app.suppressions.add("bob@x.org", "", "manager")
    said = {
        address: shown(manager, f"{path}?address={address}")
        for address in ("ANN@x.org", "bob@x.org", "cy@x.org", "zoe@x.org", "zoe@")
    }
    assert "They are in." in said["ANN@x.org"]
    assert "Chosen, but suppressed" in said["bob@x.org"]
    assert "In the contacts, but not chosen" in said["cy@x.org"]
    assert "Not in the contacts." in said["zoe@x.org"]
    assert 'aria-invalid="true"' in said["zoe@"]


def test_what_is_not_there_is_404(manager: Client) -> None:
    for path in ("/audiences/9/", "/audiences/9/edit/", "/audiences/9/_count/"):
        assert manager.get(path).status_code == 404

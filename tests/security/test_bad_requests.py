"""Any text in any field or address gets an answer: no crash, nothing runs, nothing half done."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from postroad.app import App

from .hostile import EVIL, World, a_hostile_world
from .walk import Place, active_parts, console

QUERY = [
    "address",
    "after",
    "archived",
    "at",
    "back",
    "base",
    "before",
    "confirm",
    "contact",
    "cursor",
    "edge",
    "from",
    "html",
    "mail",
    "name",
    "next",
    "of",
    "on",
    "part",
    "preset",
    "q",
    "reason",
    "run",
    "seen",
    "show",
    "state",
    "tag",
    "text",
    "upto",
    "who",
    "page",
    "sort",
    "campaign",
]
FIELDS = [
    "address",
    "after",
    "attribute",
    "audience",
    "back",
    "base",
    "campaign",
    "company",
    "confirm",
    "connections",
    "content",
    "count",
    "default:name",
    "drop",
    "first_name",
    "forget_password",
    "format",
    "host",
    "how",
    "is_first",
    "kept",
    "kind",
    "last_name",
    "letter",
    "name",
    "note",
    "of",
    "password",
    "per_day",
    "per_minute",
    "policy:name",
    "port",
    "postal_address",
    "public_url",
    "relay",
    "reply_to",
    "sender_address",
    "sender_name",
    "source",
    "state",
    "subject",
    "tags",
    "text",
    "text_source",
    "tls",
    "typed",
    "undo_seconds",
    "upto",
    "user",
    "value",
    "when",
    "at",
    "date",
    "time",
    "zone",
    "current",
    "new",
    "again",
    "ca_file",
    "database",
    "deploy_password",
    "deploy_user",
    "dialect",
    "key",
    "run_password",
    "run_user",
    "schema",
    "table",
    "read",
    "timeout_seconds",
    "variables",
    "people",
    "all",
    "run",
    "old_password",
    "new_password",
    "password1",
    "password2",
]
NASTY = {
    "markup": EVIL,
    "a header": "Ann\r\nBcc: eve@evil.example",
    "NUL": "a\0b",
    "a line separator": "a\u2028b\u2029c\x85d",
    "SQL": "'; DROP TABLE contact; --%_\\",
    "a large number": "9" * 40,
    "the largest number of a column": "9223372036854775807",
    "a negative number": "-1",
    "no number": "nan",
    "digits of other scripts": "\u0661\u0662\xb2",
    "a path": "../../../../etc/passwd",
    "a foreign host": "//evil.example/",
}


@pytest.fixture
def world(app: App, manager: Client) -> World:
    return a_hostile_world(app, manager)


def ask(manager: Client, place: Place, text: str) -> Iterator[Any]:
    """What a GET and a POST with this text in every field are answered; a crash is a 500."""
    manager.raise_request_exception = False
    yield manager.get(place.path, dict.fromkeys(QUERY, text))
    yield manager.post(place.path, dict.fromkeys(FIELDS, text))


def faults_of(answer: Any) -> list[str]:
    if answer.status_code >= 500:
        return [repr(getattr(answer, "exc_info", (0, answer.status_code))[1])]
    found = ["foreign"] if "evil.example" in answer.get("Location", "") else []
    is_frame = "sandbox" in answer.get("Content-Security-Policy", "")
    if answer.get("Content-Type", "").startswith("text/html") and not is_frame:
        found += active_parts(answer.content.decode())
    return found


def test_any_text_in_any_address_or_field_is_answered(
    world: World, manager: Client, app: App
) -> None:
    places = [place for place in console(world.ids) if place.name != "web:account-logout"]
    found = {
        (what, place.name, answer.request["REQUEST_METHOD"]): faults
        for what, text in NASTY.items()
        for place in places
        for answer in ask(manager, place, text)
        if (faults := faults_of(answer))
    }
    assert found == {}
    assert app.contacts.page().rows, "the table is there"


FOREIGN = [
    "x", "\0", "//evil.example", "/\\evil.example", "javascript:x()", "https://evil.example/",
    "http:///evil.example",
]  # fmt: skip


@pytest.mark.parametrize("wanted", FOREIGN)
def test_sign_in_leads_home_when_the_address_wanted_is_none_of_ours(
    wanted: str, client: Client, app: App
) -> None:
    app.account.set_password("correct horse 9")
    typed = {"username": "manager", "password": "correct horse 9"}
    answer = client.post("/account/login/", typed, query_params={"next": wanted})
    assert (answer.status_code, answer.get("Location")) == (303, "/")

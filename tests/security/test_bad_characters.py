"""CR, LF, NUL and the other line ends in a name, a subject or an address, through every form.

They are refused on their field, in words that end with what to do; what was
typed stays; nothing is half saved.
"""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from postroad.app import App

BAD = {
    "CRLF": "a\r\nBcc: eve@evil.example",
    "CR": "a\rb",
    "LF": "a\nb",
    "NUL": "a\0b",
    "U+2028": "a\u2028b",
    "U+0085": "a\x85b",
}
PERSON = {"address": "ann@x.org", "name": "Ann", "company": "C", "tags": "press"}
RELAY = {"name": "r", "host": "h.example", "port": "25", "tls": "none", "connections": "1"}
CAMPAIGN = {"name": "c", "kind": "personal", "sender_name": "n", "sender_address": "me@x.org"}
SOURCE = {
    "name": "s", "dialect": "postgresql", "host": "h.example", "port": "1", "database": "d",
    "tls": "none", "deploy_user": "a", "run_user": "b", "schema": "postroad",
    "timeout_seconds": "1", "deploy_password": "", "run_password": "",
}  # fmt: skip
PREFERENCES = {"undo_seconds": "0", "zone": "UTC"}
CONTENT = {"name": "c", "format": "txt", "subject": "s", "source": "Dear {{ name }}"}
FIELDS = [
    *(("/contacts/new/", PERSON, name) for name in PERSON),
    *(("/contacts/new/", PERSON, name) for name in ("first_name", "last_name", "zone")),
    ("/contacts/paste/", {"text": "ann@x.org"}, "tags"),
    ("/suppressions/new/", {"text": "ann@x.org"}, "note"),
    ("/audiences/new/", {"kind": "everyone"}, "name"),
    *(("/content/new/", CONTENT, name) for name in ("name", "subject")),
    *(("/campaigns/new/", CAMPAIGN, name) for name in ("name", "sender_name", "sender_address")),
    ("/campaigns/new/", CAMPAIGN, "reply_to"),
    *(("/relays/new/", RELAY, name) for name in ("name", "host", "user", "password")),
    *(("/sources/new/", SOURCE, name) for name in ("name", "host", "database", "schema")),
    *(("/sources/new/", SOURCE, f"deploy_{name}") for name in ("user", "password")),
    *(("/sources/new/", SOURCE, name) for name in ("run_user", "run_password", "ca_file")),
    *(("/settings/", PREFERENCES, n) for n in ("sender_name", "sender_address", "public_url")),
    ("/account/", {}, "name"),
]
TABLES = (
    "contact", "suppression", "audience", "content", "revision", "campaign", "relay", "tag",
    "source",
)  # fmt: skip


def rows() -> dict[str, int]:
    with connection.cursor() as cursor:
        counts = {}
        for table in TABLES:
            cursor.execute(f"SELECT count(*) FROM {table}")
            counts[table] = cursor.fetchone()[0]
    return counts


def faults(answer: Any) -> list[str]:
    """The texts beside the fields and at the top, without their markup."""
    html = answer.content.decode()
    found = re.findall(r'(?s)id="id_\w+-fault"[^>]*>(.*?)</(?:div|p|span)>', html)
    return [" ".join(re.sub(r"<[^>]+>", " ", each).split()) for each in found]


@pytest.mark.parametrize("what", BAD)
def test_a_line_end_or_nul_is_refused_on_its_field_and_nothing_is_saved(
    what: str, manager: Client
) -> None:
    before = rows()
    taken = []
    for path, good, name in FIELDS:
        answer = manager.post(path, good | {name: BAD[what]})
        said = faults(answer)
        if answer.status_code != 422 or not any(":" in text for text in said):
            taken.append((path, name, answer.status_code, said))
    assert taken == []
    assert rows() == before


def test_a_nul_in_a_paste_spoils_its_own_piece_only(manager: Client, app: App) -> None:
    answer = manager.post("/contacts/paste/", {"text": "Ann <ann@x.org>\nB\0b <bob@x.org>"})
    assert b"1 piece could not be read" in answer.content
    assert "U+0000" in answer.content.decode(), "the character is named"
    assert [row.address for row in app.contacts.page().rows] == ["ann@x.org"]


def test_bad_characters_in_a_csv_are_listed_with_their_line_and_the_good_rows_are_in(
    manager: Client, app: App
) -> None:
    rows = 'e-mail,name\nann@x.org,Ann\n"bob@x.org\r\nBcc: eve@x.org",Bob\ncy@x.org,"C\x07y"\n'
    file = SimpleUploadedFile("people.csv", f"{rows}dan@x.org,Dan\n".encode())
    at = manager.post("/contacts/import/", {"file": file})["Location"]
    done = manager.get(manager.post(at)["Location"]).content.decode()
    assert [row.address for row in app.contacts.page().rows] == ["ann@x.org", "dan@x.org"]
    assert "take it out" in done
    bad = manager.get(f"{at}bad-rows/").content.decode()
    assert len(bad.splitlines()) >= 3
    assert "cy@x.org" in bad

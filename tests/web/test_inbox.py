"""The sandbox inbox: every mail as its reader would see it."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from postroad.app import App, Inbox
from postroad.engine.smtp.inbox import InboxStore, NewMail

from .conftest import make_client, sign_in
from .mailing import SENDER, a_mail


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[InboxStore]:
    with InboxStore(tmp_path / "inbox.sqlite") as store:
        yield store


@pytest.fixture
def reader(app: App, tmp_path: Path) -> Iterator[Client]:
    """The manager's browser on a product whose inbox lies in `tmp_path`."""
    own = dataclasses.replace(app, inbox=Inbox(tmp_path / "inbox.sqlite"))
    client = make_client(own)
    sign_in(client, own)
    yield client
    own.inbox.close()


def put(inbox: InboxStore, count: int = 1, content: bytes | None = None) -> list[int]:
    return inbox.add_all(
        [
            NewMail(
                1_700_000_000 + at, SENDER, f"p{at}@x.org",
                content or a_mail(f"p{at}@x.org", f"Person {at}", f"{at}@letters.example"),
            )
            for at in range(count)
        ]
    )  # fmt: skip


def test_an_inbox_that_is_not_there_yet_says_what_comes(reader: Client, tmp_path: Path) -> None:
    answer = reader.get("/inbox/")
    assert b"No mail yet" in answer.content
    assert not (tmp_path / "inbox.sqlite").exists()


def test_mails_are_listed_newest_first_page_by_page(inbox: InboxStore, reader: Client) -> None:
    numbers = put(inbox, 60)
    first = reader.get("/inbox/").content.decode()
    shown = [int(part.split('"')[0]) for part in first.split('id="inbox-')[1:]]
    assert shown == sorted(numbers, reverse=True)[:50]
    older = first.split('rel="next" href="')[1].split('"')[0]
    second = reader.get(older).content.decode()
    assert [int(part.split('"')[0]) for part in second.split('id="inbox-')[1:]] == [
        *range(10, 0, -1)
    ]


def test_search_finds_recipient_and_subject(inbox: InboxStore, reader: Client) -> None:
    put(inbox, 12)
    for words in ("p11@x", "Person 11", "11@letters"):
        shown = reader.get("/inbox/", {"q": words}).content.decode()
        assert shown.count('id="inbox-') == 1, words
    assert b"Nothing found" in reader.get("/inbox/", {"q": "100%"}).content


def test_a_mail_opens_with_parts_files_and_source(inbox: InboxStore, reader: Client) -> None:
    (number,) = put(inbox)
    path = f"/inbox/{number}/"
    assert 'sandbox title="The HTML part"' in reader.get(path).content.decode()
    assert b"here is my letter" in reader.get(f"{path}?show=text").content
    assert b"MIME-Version" in reader.get(f"{path}?show=headers").content
    assert "default-src 'none'" in reader.get(f"{path}preview/")["Content-Security-Policy"]
    assert reader.get(f"{path}files/0/").content == b"%PDF-1.4\n"
    source = reader.get(f"{path}mail.eml")
    assert source.content == a_mail("p0@x.org", "Person 0", "0@letters.example")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00 no mail at all",
        b"Subject: =?utf-8?q?=FF?=\r\nContent-Type: text/html; charset=nonsense\r\n\r\n<script>x()",
        b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\n',
        (
            b"From: <>\r\nContent-Type: ;;;\r\n"
            b"Content-Disposition: attachment; filename*=x''%\r\n\r\nx"
        ),
    ],
)
def test_whatever_came_can_be_looked_at(content: bytes, inbox: InboxStore, reader: Client) -> None:
    (number,) = put(inbox, content=content) if content else put(inbox, content=b"\r\n")
    for show in ("html", "text", "headers", "source"):
        answer = reader.get(f"/inbox/{number}/", {"show": show})
        assert answer.status_code == 200, show
        assert b"<script>x()" not in answer.content
    assert reader.get(f"/inbox/{number}/preview/").status_code == 200


def test_what_is_not_there_is_404(inbox: InboxStore, reader: Client) -> None:
    assert reader.get("/inbox/5/").status_code == 404
    assert reader.get(f"/inbox/{10**30}/").status_code == 404

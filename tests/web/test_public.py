"""What recipients may do: unsubscribe, by their mail program or by themselves (RFC 8058)."""

import dataclasses
from collections.abc import Iterator

import psycopg
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from postroad.app import App
from postroad.core.public_token import write_token
from postroad.core.unsubscribe import is_genuine, masked

from .conftest import make_client
from .mailing import Mailing

ONE_CLICK = "List-Unsubscribe=One-Click"
MULTIPART = (
    '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'
)
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def mailing(app: App, database: str) -> Iterator[Mailing]:
    """A bulk run, prepared, to two people."""
    with psycopg.connect(database, autocommit=True, connect_timeout=10) as connection:
        mailing = Mailing(connection)
        mailing.beat()
        mailing.verify("News", [("Ann.Lee@x.org", "Ann"), ("bob@x.org", "")], is_personal=False)
        mailing.prepare()
        yield mailing


def path_to(mailing: Mailing, address: str = "Ann.Lee@x.org") -> str:
    n = mailing.number_of(address)
    secret = mailing.ask("SELECT token FROM delivery WHERE run_id = %s AND n = %s", mailing.run, n)
    return f"/p/{write_token(mailing.run, n, bytes(secret))}/unsubscribe"


def reasons(mailing: Mailing) -> dict[str, str]:
    return dict(mailing.rows("SELECT address, reason FROM suppression"))


def journal(mailing: Mailing) -> list[tuple[object, ...]]:
    return mailing.rows("SELECT run_id, n, actor FROM journal WHERE kind = 'unsubscribed'")


def test_a_get_changes_nothing_however_often_a_scanner_comes(
    mailing: Mailing, client: Client
) -> None:
    path = path_to(mailing)
    answers = [client.head(path), client.get(path), client.get(path)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    text = answers[-1].content.decode()
    assert "Nothing changes until you press the button" in text
    assert '<form method="post">' in text
    assert "A…@x.org" in text
    assert "Ann.Lee" not in text, "a forwarded link does not tell the address"
    assert reasons(mailing) == {}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (ONE_CLICK, FORM),
        (MULTIPART, "multipart/form-data; boundary=b"),
        ("--broken", "multipart/form-data; boundary=other"),
        ("", "text/plain"),
    ],
)
def test_one_click_unsubscribes_at_once_without_cookie_token_or_redirect(
    mailing: Mailing, app: App, body: str, content_type: str
) -> None:
    client = make_client(app, checks_csrf=True)
    answer = client.post(path_to(mailing), body, content_type=content_type)
    assert answer.status_code == 200
    assert not answer.cookies
    assert b"You are unsubscribed" in answer.content
    assert reasons(mailing) == {"Ann.Lee@x.org": "unsubscribed"}
    assert journal(mailing) == [(mailing.run, mailing.number_of("Ann.Lee@x.org"), "recipient")]


def test_asked_again_it_answers_the_same_and_is_done_once(mailing: Mailing, client: Client) -> None:
    path = path_to(mailing)
    first, second = (client.post(path, ONE_CLICK, content_type=FORM) for _ in range(2))
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert len(journal(mailing)) == 1
    assert b"You are unsubscribed" in client.get(path).content


@pytest.mark.fault(21)
def test_who_unsubscribed_gets_no_mail_that_was_prepared_already(
    mailing: Mailing, client: Client
) -> None:
    client.post(path_to(mailing), ONE_CLICK, content_type=FORM)
    mailing.launch()
    ((batch, claim, numbers),) = mailing.rows(
        "SELECT id, claim, item_n FROM claim_batch('dispatch', %s)", mailing.worker
    )
    mailing.report(batch, claim, [], len(numbers))  # The window is the only right to send.
    assert mailing.state(mailing.number_of("Ann.Lee@x.org")) == "suppressed"
    assert mailing.state(mailing.number_of("bob@x.org")) == "prepared"


def test_the_persons_wish_outweighs_the_managers_reason_but_no_complaint(
    mailing: Mailing, client: Client, app: App
) -> None:
    app.suppressions.add("ann.lee@x.org, bob@x.org", "", "manager")
    mailing.ask("UPDATE suppression SET reason = 'complained' WHERE address = 'bob@x.org'")
    for address in ("Ann.Lee@x.org", "bob@x.org"):
        assert client.post(path_to(mailing, address)).status_code == 200
    assert reasons(mailing) == {"ann.lee@x.org": "unsubscribed", "bob@x.org": "complained"}
    assert len(journal(mailing)) == 1


def test_a_forged_token_is_404_and_says_what_to_do(mailing: Mailing, client: Client) -> None:
    genuine = path_to(mailing)
    run, n = mailing.run, mailing.number_of("bob@x.org")
    for forged in (
        f"/p/{write_token(run, n, bytes(16))}/unsubscribe",
        f"/p/{write_token(run, 99, bytes(16))}/unsubscribe",
        f"/p/{write_token(2**62, n, bytes(16))}/unsubscribe",
        genuine.replace("/unsubscribe", "A/unsubscribe"),
        f"{genuine}/",
        "/p/x/unsubscribe",
        "/p/é/unsubscribe",
        "/p/",
    ):
        for answer in (client.get(forged), client.post(forged, ONE_CLICK, content_type=FORM)):
            assert answer.status_code == 404, forged
            assert b"Open the link from the letter itself" in answer.content
    assert reasons(mailing) == {}


def test_a_token_of_one_person_does_nothing_to_another(mailing: Mailing, client: Client) -> None:
    client.post(path_to(mailing, "bob@x.org"))
    assert reasons(mailing) == {"bob@x.org": "unsubscribed"}


def test_it_answers_under_whatever_name_the_mail_gave_it(mailing: Mailing, client: Client) -> None:
    answer = client.get(path_to(mailing), headers={"host": "mail.example.org"})
    assert answer.status_code == 200
    assert client.get("/", headers={"host": "mail.example.org"}).status_code == 400


def test_the_page_runs_no_script_is_not_indexed_and_tells_nobody_its_address(
    mailing: Mailing, client: Client
) -> None:
    answer = client.get(path_to(mailing))
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer["X-Robots-Tag"].startswith("noindex")
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] == "no-store"
    assert b"<script" not in answer.content
    assert b"Postroad" not in answer.content, "recipients know the sender, not the program"


def test_other_verbs_are_refused(mailing: Mailing, client: Client) -> None:
    assert client.put(path_to(mailing)).status_code == 405
    assert client.delete(path_to(mailing)).status_code == 405


def test_a_signed_in_managers_session_plays_no_part(
    mailing: Mailing, manager: Client, app: App
) -> None:
    answer = manager.post(path_to(mailing))
    assert answer.status_code == 200
    assert not answer.cookies
    plain = make_client(dataclasses.replace(app)).get(path_to(mailing))
    assert plain.content == answer.content


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_only_the_mails_own_secret_is_genuine(given_secret: bytes, kept: bytes) -> None:
    assert is_genuine(kept, kept)
    assert is_genuine(given_secret, kept) == (given_secret == kept)
    assert not is_genuine(bytes(16), None)


@given(st.emails())
def test_a_masked_address_keeps_the_domain_and_little_else(address: str) -> None:
    local, _, domain = address.rpartition("@")
    assert masked(address) == f"{local[0]}…@{domain}"

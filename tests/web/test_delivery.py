"""One mail's page: its road, its bytes, the person's road over all runs."""

from collections.abc import Iterator

import psycopg
import pytest
from django.test import Client

from postroad.app import App

from .mailing import SENDER, Mailing

ANN, BOB, CAT = ("ann@x.org", "Ann"), ("bob@x.org", "Bob"), ("cat@x.org", "Cat")


@pytest.fixture
def mailing(app: App, database: str) -> Iterator[Mailing]:
    with psycopg.connect(database, autocommit=True, connect_timeout=10) as connection:
        mailing = Mailing(connection)
        mailing.beat()
        yield mailing


def url(mailing: Mailing, address: str) -> str:
    return f"/runs/{mailing.run}/recipients/{mailing.number_of(address)}/"


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def sent(mailing: Mailing, answers: dict[str, str] | None = None) -> None:
    mailing.verify("Letter", [ANN, BOB, CAT])
    mailing.prepare()
    mailing.launch()
    mailing.dispatch({mailing.number_of(to): said for to, said in (answers or {}).items()})


def test_the_road_shows_each_step_with_its_dialogue(mailing: Mailing, manager: Client) -> None:
    sent(mailing, {"bob@x.org": "451 4.7.1 Come back later"})
    mailing.ask("UPDATE retry SET due_at = now()")
    mailing.dispatch()
    shown = page(manager, url(mailing, "bob@x.org"))
    steps = ["selected", "prepared", "451 4.7.1 Come back later", "250 2.0.0 kept as 7"]
    places = [shown.index(step) for step in steps]
    assert places == sorted(places)
    for said in (f"MAIL FROM:&lt;{SENDER}&gt;", "RCPT TO:&lt;bob@x.org&gt;", "octets, final dot"):
        assert said in shown
    assert "Everybody version 1" in shown


def test_a_mail_that_waits_says_when_it_is_due_and_polls(mailing: Mailing, manager: Client) -> None:
    sent(mailing, {"bob@x.org": "451 4.7.1 Come back later"})
    bob = url(mailing, "bob@x.org")
    assert "Attempt 2, the same bytes" in page(manager, bob)
    assert "data-live" in page(manager, bob).split('id="delivery-road"')[1][:60]
    assert manager.get(f"{bob}_road/").status_code == 200
    assert manager.get(f"{url(mailing, 'ann@x.org')}_road/").status_code == 286


def test_what_was_sent_is_shown_and_downloads_byte_for_byte(
    mailing: Mailing, manager: Client
) -> None:
    sent(mailing)
    path = url(mailing, "ann@x.org")
    assert "Dear Ann" in page(manager, path)
    assert "Byte for byte as prepared" in page(manager, path)
    assert "Date header is added in front at dispatch" in page(manager, path)
    source = manager.get(f"{path}mail.eml")
    assert source.headers["Content-Type"] == "message/rfc822"
    assert source.content.startswith(b"Message-ID: <")
    assert manager.get(f"{path}files/0/").content == b"%PDF-1.4\n"
    assert manager.get(f"{path}files/1/").status_code == 404


def test_the_preview_runs_no_script_and_loads_nothing(mailing: Mailing, manager: Client) -> None:
    sent(mailing)
    path = url(mailing, "ann@x.org")
    assert 'sandbox title="The HTML part"' in page(manager, f"{path}?show=html")
    answer = manager.get(f"{path}preview/")
    assert b"<b>Ann</b>" in answer.content
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert policy.endswith("sandbox")


def test_a_failed_mail_says_why_nothing_was_prepared(mailing: Mailing, manager: Client) -> None:
    mailing.verify("Letter", [ANN, BOB])
    mailing.prepare({mailing.number_of("bob@x.org"): "variable company is missing"})
    shown = page(manager, url(mailing, "bob@x.org"))
    assert "Nothing was prepared for this recipient: variable company is missing" in shown
    assert manager.get(f"{url(mailing, 'bob@x.org')}mail.eml").status_code == 404


def test_the_persons_road_has_every_run_and_every_omission(
    mailing: Mailing, manager: Client
) -> None:
    sent(mailing)
    first = url(mailing, "ann@x.org")
    mailing.verify("Second letter", [ANN, BOB, ("Ann@X.org", "Ann again")])
    mailing.ask("SELECT suppress_address(sha256('bob@x.org'), 'bob@x.org', 'manager')")
    mailing.verify("Third letter", [ANN, BOB])
    shown = page(manager, first).split('id="person"')[1]
    assert shown.index("Third letter") < shown.index("Second letter") < shown.index("this mail")
    assert "The same address is in the audience twice" in shown
    mailing.run = 1
    bob = page(manager, url(mailing, "bob@x.org")).split('id="person"')[1]
    assert "On the suppression list" in bob


def test_what_is_not_there_is_404(mailing: Mailing, manager: Client) -> None:
    sent(mailing)
    assert manager.get(f"/runs/{mailing.run}/recipients/99/").status_code == 404
    assert manager.get("/runs/999999999999/recipients/1/").status_code == 404


def test_a_dead_letter_is_requeued_from_its_own_page(mailing: Mailing, manager: Client) -> None:
    sent(mailing, {"bob@x.org": "552 5.3.4 Too big"})
    path = url(mailing, "bob@x.org")
    n = mailing.number_of("bob@x.org")
    assert "Requeueing alone will fail again" in page(manager, path)
    answer = manager.post("/dead-letters/requeue/", {"of": f"{mailing.run}.{n}.1", "back": "mail"})
    assert answer.headers["Location"] == path
    assert mailing.ask("SELECT state FROM run WHERE id = %s", mailing.run) == "running"
    mailing.dispatch()
    assert mailing.state(n) == "accepted"
    assert "requeued" in page(manager, path)

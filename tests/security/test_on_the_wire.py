"""What reaches the receiver, the network and the log when data, letter and relay are hostile."""

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.test import Client

from postroad.app import App
from postroad.testing.relay import Phase, Rule, Script, relay_process

from .working import Desk, a_worker, counts, log_of, until

INJECTION = "Bcc: eve@evil.example"
ENDS = ["\r\n", "\r", "\n", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"]
LETTER = {
    "name": "Letter", "format": "html", "subject": "For {{ motto }}",
    "source": "<p>Dear {{ name }}, {{ motto }}, {{ company }}</p>",
}  # fmt: skip
FIELDS = {
    b"message-id", b"from", b"to", b"subject", b"date", b"mime-version", b"content-type",
}  # fmt: skip


def put_past_the_forms(app: App) -> int:
    """Straight into the table that others may write, each line end in each place; how many."""
    people = []
    for n, end in enumerate(ENDS):
        bad = f"Ann{end}{INJECTION}"
        for place, address, name, company, motto in (
            ("name", "{}@x.org", bad, "C", "m"),
            ("company", "{}@x.org", "Ann", bad, "m"),
            ("motto", "{}@x.org", "Ann", "C", bad),
            ("address", f"{{}}@x.org>{end}RCPT TO:<eve@evil.example", "Ann", "C", "m"),
        ):
            key = address.format(f"{place}{n}")
            people.append((key, key.lower(), name, company, json.dumps({"motto": motto})))
    people.append(("good@x.org", "good@x.org", "Ann", "C", '{"motto": "m"}'))
    taken = 0
    with psycopg.connect(app.dsn, autocommit=True, connect_timeout=10) as database:
        for person in people:
            try:
                database.execute(
                    "INSERT INTO contact (address, address_key, name, company, attributes)"
                    " VALUES (%s, %s, %s, %s, %s)", person,
                )  # fmt: skip
            except psycopg.errors.CheckViolation:
                continue
            taken += 1
    return taken


def test_no_variable_can_add_a_header_or_a_recipient(
    app: App, manager: Client, tmp_path: Path
) -> None:
    desk = Desk(manager)
    people = put_past_the_forms(app)
    assert people > len(ENDS), "the table itself refused nearly all"
    desk.post("/settings/", undo_seconds="0", zone="UTC")
    (tmp_path / "kept").mkdir()
    with relay_process(tmp_path, keep=tmp_path / "kept") as relay, a_worker(app):
        desk.relay(relay.port)
        run = desk.verify(desk.campaign(LETTER), fails_for_many=True)
        desk.post(f"{run}launch/", when="now")
        until(lambda: set(counts(app, run)) <= {"accepted", "failed"}, counts(app, run))
        with psycopg.connect(app.dsn, connect_timeout=10) as database:
            left_out = database.execute("SELECT reason, count(*) FROM omission GROUP BY 1")
            omitted: dict[str, int] = dict(left_out.fetchall())
        assert set(omitted) <= {"no_address", "duplicate"}
        assert sum(counts(app, run).values()) + sum(omitted.values()) == people
        assert counts(app, run)["failed"] >= len(ENDS)
        assert all(to.endswith("@x.org") for to in relay.tally.begun_recipients)
    mails = [path.read_bytes() for path in (tmp_path / "kept").iterdir()]
    assert len(mails) == counts(app, run)["accepted"]
    assert any(b"good@x.org" in mail for mail in mails)
    for mail in mails:
        assert not re.search(rb"\r(?!\n)|(?<!\r)\n", mail), "a bare CR or LF"
        head = mail.partition(b"\r\n\r\n")[0]
        names = {
            line.partition(b":")[0].lower() for line in head.split(b"\r\n") if line[:1] != b" "
        }
        assert names == FIELDS
        assert INJECTION.encode() not in head


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Hears whoever would fetch what a letter names."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(50)
        server.setblocking(False)
        yield server


REMOTE = """<html><head><link rel="stylesheet" href="{0}/a.css"><style>@import url({0}/b.css);
p {{ background: url({0}/c.png) }}</style><base href="{0}/"></head><body>
<img src="{0}/d.png"><img src="d2.png"><iframe src="{0}/e"></iframe><a href="{0}/f">x</a>
<svg><image href="{0}/g"/></svg><p style="background:url({0}/h)">Dear you</p>
<meta http-equiv="refresh" content="0;url={0}/i"></body></html>"""


def test_nothing_that_a_letter_names_is_fetched(
    app: App, manager: Client, tmp_path: Path, listener: socket.socket
) -> None:
    desk = Desk(manager)
    there = f"http://127.0.0.1:{listener.getsockname()[1]}"
    desk.post("/contacts/paste/", text="ann@x.org")
    desk.post("/settings/", undo_seconds="0", zone="UTC")
    letter = {"name": "L", "format": "html", "subject": "s", "source": REMOTE.format(there)}
    manager.post("/content/new/", letter | {"check": "1"})
    with relay_process(tmp_path) as relay, a_worker(app):
        desk.relay(relay.port)
        campaign = desk.campaign(letter)
        run = desk.verify(campaign)
        desk.post(f"{run}launch/", when="now")
        until(lambda: counts(app, run) == {"accepted": 1}, counts(app, run))
        for page in (
            campaign, "/content/1/", "/content/1/revisions/1/html/", run, f"{run}report/",
            f"{run}mails/1/html/", f"{run}recipients/1/", f"{run}recipients/1/preview/",
        ):  # fmt: skip
            desk.page(page)
    with pytest.raises(BlockingIOError):
        listener.accept()


def test_no_reply_of_a_relay_forges_a_line_of_the_log_or_the_journal(
    app: App, manager: Client, tmp_path: Path
) -> None:
    forged = "timestamp=2026-01-01 level=error event=forged"
    said = f"550 5.1.1 No\r{forged}\x1b[2J\x85{forged}\u2028{forged}"
    desk = Desk(manager)
    desk.post("/contacts/paste/", text='"level=error event=forged" <ann@x.org>, bob@x.org')
    desk.post("/settings/", undo_seconds="0", zone="UTC")
    rules = (
        Rule(Phase.RCPT, reply=said, recipient="ann*"),
        Rule(Phase.MAIL, reply=f"535 5.7.8 No\r{forged}\x1b[2J", nth=(2, 3, 4, 5)),
    )
    with relay_process(tmp_path, Script(rules=rules)) as relay, a_worker(app) as product:
        desk.relay(relay.port)
        run = desk.verify(desk.campaign())
        desk.post(f"{run}launch/", when="now")
        until(lambda: "relay_refused" in log_of(product), "the log tells of the relay")
        log = log_of(product)
    assert "\x1b" not in log
    for line in re.split("[\r\n\x85\u2028\u2029]", log):
        assert not line.startswith(forged), line
    for page in ("/journal/", run, "/relays/", f"{run}recipients/1/", f"{run}recipients/2/"):
        assert not re.search("[\r\x1b\x85\u2028]", desk.page(page).replace("\r\n", "")), page

"""A relay that is down, refuses the password or has an expired certificate.

The manager reads the reason on the Test page, the run's page and the
dashboard; nobody is burned; the mended relay gets every mail once.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path

import pytest
from django.test import Client

from postroad.app import App
from postroad.testing.certificates import make_certificates
from postroad.testing.relay import RelayProcess, Script, relay_process

from .working import Desk, a_worker, counts, until

SECRET = "a-word-nobody-may-read"
FAULTS = {
    "down": "check that it runs",
    "password": "check the user name and password",
    "certificate": "expired",
}


@contextmanager
def broken_and_whole(
    fault: str, tmp_path: Path
) -> Iterator[tuple[dict[str, str], dict[str, str], RelayProcess]]:
    """The fields of a relay with that fault, those that mend it, and the whole relay."""
    made = make_certificates(tmp_path, dt.datetime.now(dt.UTC))
    for name in ("sick", "well"):
        (tmp_path / name).mkdir()
    expired = Script(certificate=str(made.expired))
    whole = Script(certificate=str(made.valid), user="me", password=SECRET)
    with (
        relay_process(tmp_path / "sick", expired) as sick,
        relay_process(tmp_path / "well", whole) as well,
    ):
        good = {
            "host": "localhost", "tls": "starttls", "port": str(well.port), "user": "me",
            "password": SECRET, "ca_file": str(made.authority), "name": "R", "connections": "1",
        }  # fmt: skip
        bad = {
            "down": {"port": "1"},
            "password": {"password": "mistyped-word"},
            "certificate": {"port": str(sick.port), "user": "", "password": ""},
        }[fault]
        yield good | bad, good, well


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.fault(15)
def test_the_relay_stops_with_its_reason_and_the_run_goes_on_after_mending(
    fault: str, app: App, manager: Client, tmp_path: Path
) -> None:
    desk = Desk(manager)
    desk.post("/contacts/paste/", text="ann@x.org, bob@x.org, cy@x.org")
    with broken_and_whole(fault, tmp_path) as (bad, good, relay), a_worker(app):
        path = desk.post("/relays/new/", **bad)
        tested = unescape(manager.post(f"{path}test/").content.decode())
        assert FAULTS[fault] in tested
        run = desk.verify(desk.campaign())
        desk.post("/settings/", undo_seconds="0", zone="UTC")
        desk.post(f"{run}launch/", when="now")
        until(lambda: FAULTS[fault] in unescape(desk.page(run)), "the reason on the run's page")
        assert FAULTS[fault] in unescape(desk.page("/")), "the dashboard tells it, too"
        assert not relay.tally.begun_recipients
        assert set(counts(app, run)) <= {"prepared", "deferred"}, "nobody is burned"
        desk.post(f"{path}edit/", **good)
        until(lambda: counts(app, run) == {"accepted": 3}, (fault, counts(app, run)))
        assert relay.tally.accepted_recipients.total() == 3
        for page in (path, f"{path}edit/", run, "/", "/journal/", "/relays/"):
            shown = desk.page(page)
            assert SECRET not in shown, page
            assert "mistyped-word" not in shown, page

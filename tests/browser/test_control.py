"""A queue purged and everything stopped by clicks at full speed; counted at the relay."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from playwright.sync_api import Page, expect

from postroad.store.embedded.locks import wait_until
from postroad.testing.promised import allowed
from postroad.testing.relay import (
    Phase,
    RelayProcess,
    Script,
    Tally,
    read_events,
    relay_process,
)

from .conftest import Start
from .steps import (
    expect_state,
    go,
    import_people,
    make_audience,
    make_campaign,
    make_content,
    make_relay,
    outcome,
    sign_in,
    toast,
)

pytestmark = pytest.mark.browser

PEOPLE = 6000
FIRST = 99
"""More mails are out when the manager turns to the queues: a number of three digits."""
SECONDS = 2.0


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[RelayProcess]:
    """Two hundred mails a second over two workers: a person needs seconds for two clicks."""
    with relay_process(tmp_path, Script(delays={Phase.DOT: 0.5})) as relay:
        yield relay


def test_a_queue_is_purged_and_everything_stopped_at_full_speed(
    page: Page, start: Start, tmp_path: Path, relay: RelayProcess, database: str
) -> None:
    product = start(undo_seconds=0, public_url="https://post.lindqvist.example")
    sign_in(page, product.link)
    import_people(page, tmp_path, PEOPLE)
    make_relay(page, "Fast", relay.port, connections="50")
    make_audience(page, "Everybody")
    letter = tmp_path / "note.txt"
    letter.write_text(
        "Hello {{ name }}.\n\n{{ postal_address }}\n{{ unsubscribe_url }}\n", encoding="utf-8"
    )
    make_content(page, "Note", "A note", letter)
    make_campaign(page, "Winter", audience="Everybody", content="Note", relay="Fast")
    make_it_bulk(page)
    campaign = page.url
    witness = Witness(relay, database)
    going = at_full_speed(page)
    pressed_at = purge_the_dispatch_queue(page)
    ended_in_time(page, witness, going, "finished", pressed_at)
    page.goto(campaign)
    going = at_full_speed(page)
    pressed_at = stop_everything(page)
    ended_in_time(page, witness, going, "stopped", pressed_at)


def make_it_bulk(page: Page) -> None:
    """To more people than one knows."""
    page.get_by_role("link", name="Edit").click()
    page.get_by_text("Bulk", exact=True).click()
    page.get_by_label("Postal address").fill("Lindqvist, Norra Kajen 12, Vikstad")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#verify button")).to_be_enabled()


@dataclass(frozen=True, slots=True)
class Going:
    """A run that goes out."""

    run: int
    url: str
    launched_at: float


def at_full_speed(page: Page) -> Going:
    """From the campaign's page to the queues, by way of a launch that cannot be undone."""
    page.locator("#verify button").click()
    page.wait_for_url("**/report/")
    expect(page.locator("#report-all")).to_contain_text(f"{PEOPLE:,} of {PEOPLE:,} prepared")
    url = page.url.removesuffix("report/")
    page.locator("#run-launch").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("[name=typed]").fill(str(PEOPLE))
    launched_at = time.time()
    dialog.locator("#launch-go").click()
    expect(outcome(page, "accepted")).to_have_text(re.compile(r"^\d{3}|,"))
    go(page, "Queues")
    return Going(int(url.split("/")[-2]), url, launched_at)


def purge_the_dispatch_queue(page: Page) -> float:
    """When it was confirmed."""
    page.locator("#purge-dispatch").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(re.compile(r"[\d,]+ mails in \d+ batches.* are purged"))
    pressed_at = time.time()
    dialog.get_by_role("button", name=re.compile("Purge")).click()
    expect(toast(page)).to_contain_text("The dispatch queue is purged")
    return pressed_at


def stop_everything(page: Page) -> float:
    """When it was confirmed: the button sleeps until the word is typed."""
    page.locator("#stop-everything").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 live run is stopped for good")
    expect(dialog.locator("#stop-go")).to_be_disabled()
    dialog.get_by_label("Type stop to confirm").fill("stop")
    pressed_at = time.time()
    dialog.locator("#stop-go").click()
    expect(toast(page)).to_contain_text("Everything is stopped: 1 run is over")
    return pressed_at


@dataclass(frozen=True, slots=True)
class Witness:
    """Who counts: the relay's own file, and the journal."""

    relay: RelayProcess
    dsn: str

    def taken(self, since: float) -> int:
        """Transactions begun since then; each is a mail that the relay took."""
        events = [event for event in read_events(self.relay.file) if event.at >= since]
        assert Tally.of(events).twice == []
        return sum(event.event == "accepted" for event in events)

    def is_over(self, run: int) -> bool:
        """No worker holds any of it, and all that waited is purged."""
        return (
            self._count("SELECT count(*) FROM batch WHERE run_id = %s AND stage <> 'done'", run)
            == 0
        )

    def journaled(self, run: int) -> int:
        return self._count(
            "SELECT count(DISTINCT n) FROM journal WHERE run_id = %s AND kind = 'purged'", run
        )

    def _count(self, statement: LiteralString, run: int) -> int:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            row = connection.execute(statement, [run]).fetchone()
        assert row is not None
        return int(row[0])


def ended_in_time(page: Page, witness: Witness, going: Going, state: str, at: float) -> None:
    """Each mail that was not begun has its row, and no mail began later than two seconds after."""
    page.goto(going.url)
    expect_state(page, state)
    expect(page.locator("#run-outcome .pr-sum")).to_contain_text(f"Adds up: {PEOPLE:,} selected")
    assert wait_until(lambda: witness.is_over(going.run), 60), "what was begun is not answered"
    taken = witness.taken(going.launched_at)
    assert FIRST < taken < PEOPLE
    expect(outcome(page, "accepted")).to_have_text(f"{taken:,}")
    expect(outcome(page, "purged")).to_have_text(f"{PEOPLE - taken:,}")
    assert witness.journaled(going.run) == PEOPLE - taken
    assert witness.relay.tally.last_begun_at <= at + allowed(SECONDS)

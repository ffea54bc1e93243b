"""A run over RabbitMQ whose worker is killed: unknowns settled, a dead letter requeued, adds up."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from postroad.core.outcome import Phase
from postroad.store.embedded.locks import wait_until
from postroad.testing.relay import Act, RelayProcess, Rule, Script, relay_process

from .access import is_for_everybody
from .conftest import Product, Start
from .steps import (
    expect_state,
    expect_sum,
    go,
    import_people,
    make_audience,
    make_campaign,
    make_content,
    make_relay,
    outcome,
    sign_in,
    toast,
    verify,
)

pytestmark = pytest.mark.browser

PEOPLE = 400
TOO_BIG = "552 5.3.4 Message too big for this mailbox"
DROPPED = "person5@x.example"
SILENT = "person9@x.example"
PATIENCE_SECONDS = 60


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[RelayProcess]:
    """One mail is too big for its mailbox at first, one is taken and the connection dropped.

    One is taken and never answered: so its worker has a mail in flight until it is killed.
    """
    rules = (
        Rule(Phase.DOT, reply=TOO_BIG, recipient="person3@*", times=1),
        Rule(Phase.DOT, Act.DROP, recipient=DROPPED, is_accepted=True),
        Rule(Phase.DOT, Act.SILENCE, recipient=SILENT, times=1, is_accepted=True),
    )
    with relay_process(tmp_path, Script(delays={Phase.DOT: 0.1}, rules=rules)) as relay:
        yield relay


def test_a_killed_worker_over_rabbitmq_leaves_a_run_that_adds_up(
    page: Page,
    start: Start,
    tmp_path: Path,
    relay: RelayProcess,
    broker_url: str,
    monkeypatch: pytest.MonkeyPatch,
    axe: str,
) -> None:
    monkeypatch.setenv("BROKER_URL", broker_url)
    product = start(undo_seconds=0, workers=1, most_workers=1)
    sign_in(page, product.link)
    run_url = a_running_run(page, tmp_path, relay)
    kill_the_worker(page, axe)
    page.goto(run_url)
    expect_state(page, "finished")
    expect_sum(page, PEOPLE)
    assert is_heard(product)
    settle_the_unknowns(page, axe)
    requeue_the_dead_letter(page, axe)
    page.goto(run_url)
    expect(outcome(page, "accepted")).to_have_text(str(PEOPLE))
    expect_state(page, "finished")
    expect_sum(page, PEOPLE)
    is_for_everybody(page, axe)
    assert relay.tally.twice == []


def a_running_run(page: Page, folder: Path, relay: RelayProcess) -> str:
    """Its page, once two mails are taken whose sender was not told."""
    import_people(page, folder, PEOPLE)
    make_relay(page, "Real", relay.port)
    make_audience(page, "Everybody")
    letter = folder / "note.txt"
    letter.write_text("Hello {{ name }}.\n", encoding="utf-8")
    make_content(page, "Note", "A note", letter)
    make_campaign(page, "Autumn", audience="Everybody", content="Note", relay="Real")
    verify(page, PEOPLE)
    url = page.url.removesuffix("report/")
    page.locator("#run-launch").click()
    page.get_by_role("dialog").locator("#launch-go").click()
    page.goto(url)
    expect(outcome(page, "accepted")).to_have_text(re.compile(r"^\d\d"))
    assert wait_until(lambda: relay.tally.unsaid == 2, PATIENCE_SECONDS)
    return url


def kill_the_worker(page: Page, axe: str) -> None:
    """By the pid on the page, with mails in flight; another takes its place there."""
    go(page, "Workers")
    alive = page.locator("#worker-rows tbody tr:not(.pr-gone)")
    busy = alive.filter(has=page.locator("td:nth-child(6)", has_text=re.compile("^[1-9]")))
    expect(busy).to_have_count(1)
    pid = pid_of(busy)
    os.kill(pid, signal.SIGKILL)
    expect(alive.filter(has_text=f"pid {pid} ")).to_have_count(0)
    expect(alive).to_have_count(1)
    is_for_everybody(page, axe)


def pid_of(row: Locator) -> int:
    found = re.search(r"pid (\d+)", row.inner_text())
    assert found is not None
    return int(found[1])


def settle_the_unknowns(page: Page, axe: str) -> None:
    """As whoever looked into the log of the relay: it has the unanswered, and the killed one's."""
    go(page, "Unknown")
    for unanswered in (DROPPED, SILENT):
        expect(page.get_by_role("main")).to_contain_text(unanswered)
    is_for_everybody(page, axe)
    page.get_by_role("link", name=re.compile("Settle all")).click()
    dialog = page.get_by_role("dialog")
    dialog.locator("[name=how][value=sent]").check()
    dialog.get_by_role("button", name=re.compile("^Settle")).click()
    expect(page.get_by_text("Nothing is unknown")).to_be_visible()


def requeue_the_dead_letter(page: Page, axe: str) -> None:
    go(page, "Dead letters")
    expect(page.get_by_role("main")).to_contain_text(TOO_BIG)
    is_for_everybody(page, axe)
    page.get_by_role("button", name="Requeue").first.click()
    expect(toast(page)).to_contain_text("requeued")


def is_heard(product: Product) -> bool:
    logs = (log.read_text(errors="replace") for log in (product.home / "log").rglob("*"))
    return any("doorbell_heard" in text for text in logs)

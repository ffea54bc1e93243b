"""A run over RabbitMQ whose worker is killed: unknowns settled, a dead letter requeued, adds up."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from postroad.core.outcome import Phase
from postroad.testing.relay import Act, RelayProcess, Rule, Script, relay_process

from .conftest import Product, Start
from .steps import (
    expect_state,
    expect_sum,
    go,
    make_audience,
    make_campaign,
    make_content,
    outcome,
    sign_in,
    toast,
    verify,
)
from .test_access import AXE, RUN_AXE

pytestmark = pytest.mark.browser

PEOPLE = 400
TOO_BIG = "552 5.3.4 Message too big for this mailbox"
NO_ANSWER = "person5@x.example"


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[RelayProcess]:
    """One mail is too big for its mailbox at first, one is taken and not answered."""
    rules = (
        Rule(Phase.DOT, reply=TOO_BIG, recipient="person3@*", times=1),
        Rule(Phase.DOT, Act.DROP, recipient=NO_ANSWER, is_accepted=True),
    )
    with relay_process(tmp_path, Script(delays={Phase.DOT: 0.2}, rules=rules)) as relay:
        yield relay


def test_a_killed_worker_over_rabbitmq_leaves_a_run_that_adds_up(
    page: Page,
    start: Start,
    tmp_path: Path,
    relay: RelayProcess,
    broker_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BROKER_URL", broker_url)
    product = start(undo_seconds=0)
    sign_in(page, product.link)
    run_url = a_running_run(page, tmp_path, relay.port)
    kill_a_worker(page)
    page.goto(run_url)
    expect_state(page, "finished")
    expect_sum(page, PEOPLE)
    assert is_heard(product)
    settle_the_unknowns(page)
    requeue_the_dead_letter(page)
    page.goto(run_url)
    expect(outcome(page, "accepted")).to_have_text(str(PEOPLE))
    expect_state(page, "finished")
    expect_sum(page, PEOPLE)
    is_accessible(page)
    assert relay.tally.twice == []


def a_running_run(page: Page, folder: Path, port: int) -> str:
    import_people(page, folder)
    a_relay(page, port)
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
    return url


def import_people(page: Page, folder: Path) -> None:
    file = folder / "people.csv"
    rows = [f"person{n}@x.example;Person {n}" for n in range(1, PEOPLE + 1)]
    file.write_text("\n".join(["E-Mail;Name", *rows]), "utf-8")
    go(page, "Contacts")
    page.get_by_role("link", name=re.compile("Import")).first.click()
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="Look at the columns").click()
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("main")).to_contain_text(re.compile(rf"{PEOPLE}\s*added"))


def a_relay(page: Page, port: int) -> None:
    go(page, "Relays")
    page.get_by_role("link", name="New relay").first.click()
    page.get_by_label("Name").fill("Real")
    page.get_by_label("Host").fill("127.0.0.1")
    page.get_by_label("Port").fill(str(port))
    page.get_by_text("None", exact=True).click()
    page.get_by_role("button", name="Save").click()


def kill_a_worker(page: Page) -> None:
    """One that has mails in flight, by the pid on the page; another takes its place there."""
    go(page, "Workers")
    alive = page.locator("#worker-rows tbody tr:not(.pr-gone)")
    before = alive.count()
    busy = alive.filter(has=page.locator("td:nth-child(6)", has_text=re.compile("^[1-9]"))).first
    pid = pid_of(busy)
    os.kill(pid, signal.SIGKILL)
    expect(alive.filter(has_text=f"pid {pid}")).to_have_count(0)
    expect(alive).to_have_count(before)
    is_accessible(page)


def pid_of(row: Locator) -> int:
    found = re.search(r"pid (\d+)", row.inner_text())
    assert found is not None
    return int(found[1])


def settle_the_unknowns(page: Page) -> None:
    """As whoever looked into the log of the relay: the unanswered one, and the killed worker's."""
    go(page, "Unknown")
    expect(page.get_by_role("main")).to_contain_text(NO_ANSWER)
    is_accessible(page)
    page.get_by_role("link", name=re.compile("Settle all")).click()
    dialog = page.get_by_role("dialog")
    dialog.locator("[name=how][value=sent]").check()
    dialog.get_by_role("button", name=re.compile("^Settle")).click()
    expect(page.get_by_text("Nothing is unknown")).to_be_visible()


def requeue_the_dead_letter(page: Page) -> None:
    go(page, "Dead letters")
    expect(page.get_by_role("main")).to_contain_text(TOO_BIG)
    is_accessible(page)
    page.get_by_role("button", name="Requeue").first.click()
    expect(toast(page)).to_be_visible()


def is_heard(product: Product) -> bool:
    logs = (log.read_text(errors="replace") for log in (product.home / "log").rglob("*"))
    return any("doorbell_heard" in text for text in logs)


def is_accessible(page: Page) -> None:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(RUN_AXE) == []

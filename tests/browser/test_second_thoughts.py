"""A file of people, an edit before the launch, a launch taken back, a run paused and stopped."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import Product, Start
from .steps import (
    expect_state,
    expect_sum,
    go,
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

PEOPLE = 12
A_MINUTE = 6
"""So few that the run outlasts every click."""


def test_an_edit_abandons_an_undo_sends_nothing_and_a_stop_adds_up(
    page: Page, start: Start, tmp_path: Path
) -> None:
    product = start(undo_seconds=300)
    sign_in(page, product.link)
    import_people(page, tmp_path)
    slow_relay(page)
    make_audience(page, "Everybody")
    write(page, tmp_path)
    make_campaign(page, "Winter", audience="Everybody", content="Note", relay="Slow")
    edit_abandons(page)
    undo_sends_nothing(page, product)
    no_time_to_undo(page)
    pause_resume_stop(page, product)


def import_people(page: Page, folder: Path) -> None:
    file = folder / "people.csv"
    rows = [f"person{n}@x.example;Person {n};Firm {n}" for n in range(1, PEOPLE + 1)]
    file.write_text("\n".join(["E-Mail;Name;Company", *rows, "nobody;Bad Line;"]), "utf-8")
    go(page, "Contacts")
    page.get_by_role("link", name=re.compile("Import")).first.click()
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="Look at the columns").click()
    expect(page.locator("#column-1")).to_contain_text("E-mail")
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("main")).to_contain_text(re.compile(rf"{PEOPLE}\s*added"))
    expect(page.locator(f"#bad-{PEOPLE + 2}")).to_contain_text("Bad Line")


def slow_relay(page: Page) -> None:
    """The inbox again, under a limit a minute."""
    go(page, "Relays")
    page.get_by_role("link", name=re.compile("Sandbox")).first.click()
    place = page.locator(".pr-facts dd").first.inner_text()
    host, _, port = place.rpartition(":")
    make_relay(page, "Slow", int(port), host, per_minute=str(A_MINUTE))


def write(page: Page, folder: Path) -> None:
    letter = folder / "note.txt"
    letter.write_text("Hello {{ name }} of {{ company }}.\n", encoding="utf-8")
    make_content(page, "Note", "A note", letter)


def edit_abandons(page: Page) -> None:
    verify(page, PEOPLE)
    first_run = page.url
    page.get_by_role("link", name="Winter").first.click()
    page.get_by_role("link", name="Edit").click()
    page.locator("[name=reply_to]").fill("office@lindqvist.example")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(toast(page)).to_contain_text("abandoned")
    campaign = page.url
    page.goto(first_run)
    expect_state(page, "stopped")
    expect(page.get_by_role("main")).to_contain_text("abandoned")
    page.goto(campaign)
    verify(page, PEOPLE)


def undo_sends_nothing(page: Page, product: Product) -> None:
    launch_slowly(page)
    expect_state(page, "scheduled")
    page.keyboard.press("z")
    expect(toast(page)).to_contain_text("Nothing was sent")
    expect_state(page, "ready")
    assert product.received == []


def launch_slowly(page: Page) -> None:
    page.locator("#run-launch").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("#launch-words")).to_contain_text(f"{A_MINUTE} mails a minute")
    dialog.get_by_role("button", name="Launch", exact=True).click()
    expect(toast(page)).to_contain_text(f"{PEOPLE} mails")


def no_time_to_undo(page: Page) -> None:
    report = page.url
    go(page, "Settings")
    page.get_by_label(re.compile("undo", re.IGNORECASE)).fill("0")
    page.get_by_role("button", name="Save").click()
    expect(toast(page)).to_be_visible()
    page.goto(report)


def pause_resume_stop(page: Page, product: Product) -> None:
    """In the middle of a run that a limit spreads over time."""
    launch_slowly(page)
    expect(outcome(page, "accepted")).to_have_text(re.compile(r"^[1-9]"))
    page.get_by_role("button", name="Pause").click()
    expect_state(page, "paused")
    expect_sum(page, PEOPLE)
    page.keyboard.press("p")
    expect_state(page, "running")
    page.locator("#run-stop").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("#run-stop-figures")).to_contain_text("purged and never sent")
    dialog.get_by_role("button", name="Stop and purge").click()
    expect_state(page, "stopped")
    expect(page.locator("#run-stopped")).to_contain_text(re.compile(r"\d+ purged\.$"))
    expect_sum(page, PEOPLE)
    accepted = int(outcome(page, "accepted").inner_text())
    purged = int(outcome(page, "purged").inner_text())
    assert accepted + purged == PEOPLE
    assert len(product.received) == accepted

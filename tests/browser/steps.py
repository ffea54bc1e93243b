"""What the manager does in the console, step by step, as a person would."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

expect.set_options(timeout=30_000)


def sign_in(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("The road is empty. Put the first letter on it.")).to_be_visible()


def go(page: Page, word: str) -> None:
    """By the navigation."""
    page.get_by_role("navigation").first.get_by_role("link", name=word).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(word)


def import_people(page: Page, folder: Path, people: int) -> None:
    """person1@x.example, Person 1, and so on, from a CSV file."""
    file = folder / "people.csv"
    rows = [f"person{n}@x.example;Person {n}" for n in range(1, people + 1)]
    file.write_text("\n".join(["E-Mail;Name", *rows]), "utf-8")
    go(page, "Contacts")
    page.get_by_role("link", name=re.compile("Import")).first.click()
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="Look at the columns").click()
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("main")).to_contain_text(re.compile(rf"{people:,}\s*added"))


def make_relay(page: Page, name: str, port: int, host: str = "127.0.0.1", **typed: str) -> None:
    """Without TLS, and tested; `typed` by the names of the form's fields."""
    go(page, "Relays")
    page.get_by_role("link", name="New relay").first.click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Host").fill(host)
    page.get_by_label("Port").fill(str(port))
    page.get_by_text("None", exact=True).click()
    for field, its_text in typed.items():
        page.locator(f"input[name={field}]").fill(its_text)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Test").click()
    expect(page.locator("#relay-answers")).to_contain_text("It works")


def make_audience(page: Page, name: str) -> None:
    go(page, "Audiences")
    page.get_by_role("link", name="New audience").first.click()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Deploy version 1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def make_content(page: Page, name: str, subject: str, letter: Path, *files: Path) -> None:
    """A letter from a file, with attachments; ends at its preview."""
    go(page, "Content")
    page.get_by_role("link", name="New content").first.click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Subject").fill(subject)
    page.get_by_label("Letter as a file").set_input_files(letter)
    if files:
        page.get_by_label("Add files").set_input_files(files)
    page.get_by_role("button", name="Save r1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def make_campaign(page: Page, name: str, **chosen: str) -> None:
    """`chosen`: names of audience, content and relay."""
    go(page, "Campaigns")
    page.get_by_role("link", name="New campaign").first.click()
    page.get_by_label("Name").first.fill(name)
    for field, its_name in chosen.items():
        choice = page.locator(f"select[name={field}]")
        wanted = choice.locator("option", has_text=its_name).last.get_attribute("value")
        choice.select_option(wanted)
    page.locator("[name=sender_name]").fill("Mara Lindqvist")
    page.locator("[name=sender_address]").fill("mara@lindqvist.example")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def verify(page: Page, people: int) -> None:
    """From the campaign's page to the report of its dry run, which opens by itself."""
    page.locator("#verify button").click()
    page.wait_for_url("**/report/")
    expect(page.locator("#report-all")).to_contain_text(f"{people} of {people} prepared")


def launch(page: Page, mails: int) -> None:
    """From a ready run's page, through the dialog."""
    page.locator("#run-launch").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("#launch-words")).to_contain_text(f"{mails} mail")
    expect(dialog).to_contain_text("nothing leaves this machine")
    dialog.get_by_role("button", name="Launch", exact=True).click()
    expect(page.locator("#pr-toast")).to_contain_text(f"{mails} mail")


def toast(page: Page) -> Locator:
    return page.locator("#pr-toast")


def outcome(page: Page, state: str) -> Locator:
    """The figure of a state on a run's page."""
    return page.locator(f"#pr-legend-{state} .pr-value")


def expect_state(page: Page, state: str) -> None:
    expect(page.locator("#run-head .pr-badge").first).to_have_text(
        re.compile(f"^{state}$", re.IGNORECASE)
    )


def expect_sum(page: Page, recipients: int) -> None:
    expect(page.locator("#run-outcome .pr-sum")).to_contain_text(f"Adds up: {recipients} selected")

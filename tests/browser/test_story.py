"""From the one-time link to a dead letter that was mended, in a real browser."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from postroad.cli.demo.resume import resume_pdf

from .conftest import Start
from .steps import (
    expect_state,
    expect_sum,
    go,
    launch,
    make_audience,
    make_campaign,
    make_content,
    outcome,
    sign_in,
    toast,
    verify,
)

pytestmark = pytest.mark.browser

LETTER = "Dear {{ first_name }},\n\nplease find my **résumé** attached.\n\nMara\n"
TOO_BIG = {
    "match": "carl@ray.example",
    "phase": "dot",
    "reply": "552 5.3.4 Message too big for this mailbox",
    "times": 1,
}


def test_a_letter_goes_out_and_its_dead_letter_is_mended(
    page: Page, start: Start, tmp_path: Path
) -> None:
    product = start(TOO_BIG, undo_seconds=15)
    sign_in(page, product.link)
    paste_people(page)
    make_audience(page, "Friends")
    write_letter(page, tmp_path)
    preview_as_real_people(page)
    make_campaign(page, "Applications", audience="Friends", content="Application letter")
    expect(page.locator("#checklist")).to_contain_text("Nothing blocks")
    verify(page, 3)
    expect(page.locator("#report-failures")).to_contain_text("Every recipient has a mail.")
    launch(page, 3)
    run_url = page.url
    expect(page.get_by_role("button", name=re.compile("Undo launch"))).to_be_visible()
    see_the_outcome(page)
    read_a_timeline(page)
    mend_the_dead_letter(page)
    page.goto(run_url)
    expect(outcome(page, "accepted")).to_have_text("3")
    expect_state(page, "finished")
    expect_sum(page, 3)
    assert sorted(product.received) == ["ann@lee.example", "boris@volkov.example", TOO_BIG["match"]]
    see_it_as_its_reader(page)


def paste_people(page: Page) -> None:
    page.get_by_role("link", name="Paste", exact=True).click()
    page.get_by_label("People").fill(
        "Ann Lee <ann@lee.example>\nnobody here\nБорис Волков <boris@volkov.example>"
    )
    page.get_by_role("button", name="Add the people").click()
    expect(page.get_by_role("alert")).to_contain_text("2 people are in the book")
    expect(page.locator("#bad-1")).to_contain_text("nobody here")
    expect(page.locator("#bad-1 td").last).to_have_text(re.compile(r"\w.+[:;,] .+\.$"))
    expect(page.get_by_label("People")).to_have_value("nobody here")
    page.get_by_label("People").fill("Carl Ray <carl@ray.example>")
    page.get_by_role("button", name="Add the people").click()
    expect(toast(page)).to_contain_text("1 contact added")


def write_letter(page: Page, folder: Path) -> None:
    letter, resume = folder / "letter.md", folder / "résumé.pdf"
    letter.write_text(LETTER, encoding="utf-8")
    resume.write_bytes(resume_pdf())
    make_content(page, "Application letter", "{{ first_name }}, a letter", letter, resume)
    expect(page.locator("#files")).to_contain_text("résumé.pdf")


def preview_as_real_people(page: Page) -> None:
    """Ann first, then the next and back; what is seen is what each would get."""
    preview = page.locator("#preview")
    reader = page.frame_locator("#preview iframe").locator("body")
    expect(preview).to_contain_text("as Ann Lee")
    expect(preview).to_contain_text("Ann, a letter")
    expect(reader).to_contain_text("Dear Ann")
    preview.get_by_role("link", name="Next person").click()
    expect(preview).not_to_contain_text("as Ann Lee")
    expect(reader).not_to_contain_text("Dear Ann")
    preview.get_by_role("link", name="Previous person").click()
    expect(reader).to_contain_text("Dear Ann")
    preview.get_by_role("link", name="Text", exact=True).click()
    expect(preview.locator("pre")).to_contain_text("Dear Ann")


def see_the_outcome(page: Page) -> None:
    """The page of the run gets there by itself."""
    expect(outcome(page, "accepted")).to_have_text("2")
    expect(outcome(page, "dead")).to_have_text("1")
    expect_state(page, "finished")
    expect_sum(page, 3)
    expect(page.locator("#run-replies")).to_contain_text("552 5.3.4")


def read_a_timeline(page: Page) -> None:
    page.get_by_role("link", name=re.compile("^Recipients")).click()
    page.get_by_role("link", name="ann@lee.example").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ann Lee")
    road = page.locator("#mail-road")
    road.get_by_text(re.compile("SMTP dialogue")).click()
    talk = road.get_by_role("log").first
    expect(talk).to_contain_text("RCPT TO:<ann@lee.example>")
    expect(talk).to_contain_text("250")


def mend_the_dead_letter(page: Page) -> None:
    """Its source is the mail itself; requeued, it leaves the list and the run goes on."""
    go(page, "Dead letters")
    side = page.get_by_role("region", name="The chosen letter")
    expect(side).to_contain_text("Carl Ray")
    expect(side).to_contain_text("552 5.3.4 Message too big")
    expect(side.locator("pre.pr-source")).to_contain_text("Subject: Carl, a letter")
    side.get_by_role("link", name="Open all").click()
    expect(page.locator("#sent pre")).to_contain_text("Content-Type: application/pdf")
    page.get_by_role("button", name="Requeue").click()
    expect(page.locator("#mail-road .pr-badge").last).to_have_text(
        re.compile("accepted", re.IGNORECASE)
    )


def see_it_as_its_reader(page: Page) -> None:
    go(page, "Inbox")
    page.get_by_role("link", name="carl@ray.example").click()
    expect(page.get_by_role("main")).to_contain_text("résumé.pdf")

"""Unknown mails held, sent again by their run, and looked up; what arrived is counted at the relay.

One campaign, launched three times: the manager chooses another policy before each launch.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Locator, Page, expect

from postroad.testing.relay import Act, Phase, RelayProcess, Rule, Script, relay_process

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

PEOPLE = 8
LOOKUP = "ask-the-log"
A_QUARTER_OF_AN_HOUR = "UPDATE attention SET since = since - interval '15 minutes'"
"""No policy acts earlier, whatever the settings: it passes at once here."""


def person(n: int) -> str:
    return f"person{n}@x.example"


def dropped(n: int, after: int, *, has_arrived: bool) -> tuple[Rule, Rule]:
    """So many mails of this person are answered; at the next the relay hangs up after the dot."""
    return (
        Rule(Phase.DOT, recipient=person(n), times=after),
        Rule(Phase.DOT, Act.DROP, recipient=person(n), times=1, is_accepted=has_arrived),
    )


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[RelayProcess]:
    """Each launch leaves two unknowns: one mail that has arrived, and one that has not."""
    rules = (
        *dropped(2, 0, has_arrived=True)[1:],
        *dropped(3, 0, has_arrived=False)[1:],
        *dropped(4, 1, has_arrived=True),
        *dropped(5, 1, has_arrived=False),
        *dropped(6, 2, has_arrived=True),
        *dropped(7, 2, has_arrived=False),
    )
    with relay_process(tmp_path, Script(rules=rules)) as relay:
        yield relay


def test_unknowns_are_held_sent_again_and_looked_up_as_the_campaign_says(
    page: Page, start: Start, tmp_path: Path, relay: RelayProcess, database: str, axe: str
) -> None:
    product = start(undo_seconds=0, resend_after_seconds=0)
    sign_in(page, product.link)
    campaign = a_campaign(page, tmp_path, relay, product)
    held(page, axe)
    assert begun(relay) == {2: 1, 3: 2, 4: 1, 5: 1, 6: 1, 7: 1}
    choose(page, campaign, "Is sent again")
    sent_again(page, database, axe)
    assert begun(relay) == {2: 2, 3: 3, 4: 3, 5: 3, 6: 2, 7: 2}
    choose(page, campaign, "Is looked up")
    looked_up(page, database, axe)
    assert begun(relay) == {2: 3, 3: 4, 4: 4, 5: 4, 6: 3, 7: 4}
    tally = relay.tally
    # Only where nobody looked before it was sent again; both are one by their Message-ID.
    assert len(tally.twice) == 1
    assert tally.accepted_recipients == {
        person(n): 4 if n == 4 else 3 for n in range(1, PEOPLE + 1)
    }


def begun(relay: RelayProcess) -> dict[int, int]:
    """The tries of those whom the relay hangs up on."""
    seen = relay.tally.begun_recipients
    return {n: seen[person(n)] for n in range(2, 8)}


def a_campaign(page: Page, folder: Path, relay: RelayProcess, product: Product) -> str:
    """Its page. The relay's look-up reads the record of the relay itself."""
    program = product.home / "lookup" / LOOKUP
    program.parent.mkdir()
    program.write_text(
        f"#!{sys.executable}\n"
        "import json, pathlib, sys\n"
        "asked = json.load(sys.stdin)['message_id']\n"
        f"lines = pathlib.Path({str(relay.file)!r}).read_text().splitlines()\n"
        "taken = [one for one in map(json.loads, lines) if one['event'] == 'accepted']\n"
        "print('sent' if any(asked in one['message_id'] for one in taken) else 'not sent')\n",
        encoding="utf-8",
    )
    program.chmod(0o700)
    import_people(page, folder, PEOPLE)
    make_relay(page, "Real", relay.port, lookup=LOOKUP)
    make_audience(page, "Everybody")
    letter = folder / "note.txt"
    letter.write_text("Hello {{ name }}.\n", encoding="utf-8")
    make_content(page, "Note", "A note", letter)
    make_campaign(page, "Autumn", audience="Everybody", content="Note", relay="Real")
    return page.url


def choose(page: Page, campaign: str, policy: str) -> None:
    page.goto(campaign)
    page.get_by_role("link", name="Edit").click()
    page.get_by_text(policy, exact=True).click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Autumn")


def launched(page: Page, axe: str, *promised: str) -> str:
    """The page of the run, once it is over but for two unknowns."""
    verify(page, PEOPLE)
    url = page.url.removesuffix("report/")
    page.locator("#run-launch").click()
    dialog = page.get_by_role("dialog")
    for words in promised:
        expect(dialog).to_contain_text(words)
    is_for_everybody(page, axe)
    dialog.locator("#launch-go").click()
    page.goto(url)
    expect_state(page, "finished")
    expect(outcome(page, "unknown")).to_have_text("2")
    expect(outcome(page, "accepted")).to_have_text(str(PEOPLE - 2))
    expect_sum(page, PEOPLE)
    return url


def all_accepted(page: Page, url: str) -> None:
    page.goto(url)
    expect(outcome(page, "accepted")).to_have_text(str(PEOPLE))
    expect_state(page, "finished")
    expect_sum(page, PEOPLE)
    go(page, "Unknown")
    expect(page.get_by_text("Nothing is unknown")).to_be_visible()


def row(page: Page, n: int) -> Locator:
    return page.locator("tbody tr", has_text=person(n))


def open_mail(page: Page, n: int) -> None:
    """From the list of unknowns."""
    row(page, n).get_by_role("link", name=person(n)).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Person {n}")


def held(page: Page, axe: str) -> None:
    """One is in the relay's log, the other is not: the manager says so of each."""
    url = launched(page, axe, "A mail without a reply waits for you")
    go(page, "Unknown")
    expect(page.get_by_role("main")).not_to_contain_text("by its run")
    is_for_everybody(page, axe)
    settle(page, 2, "sent")
    open_mail(page, 3)
    expect(page.get_by_role("main")).to_contain_text("It is not sent again by itself")
    is_for_everybody(page, axe)
    go(page, "Unknown")
    settle(page, 3, "resend")
    all_accepted(page, url)
    expect_road(page, url, 2, "settled by hand")
    expect_road(page, url, 3, "settled: send again")


def settle(page: Page, n: int, how: str) -> None:
    row(page, n).get_by_role("link", name="Settle…").click()
    dialog = page.get_by_role("dialog")
    dialog.locator(f"[name=how][value={how}]").check()
    dialog.get_by_role("button", name=re.compile("^Settle")).click()
    expect(toast(page)).to_contain_text("1 mail")
    expect(row(page, n)).to_have_count(0)


def sent_again(page: Page, dsn: str, axe: str) -> None:
    url = launched(page, axe, "sent again after 15 min", "somebody may get it twice")
    go(page, "Unknown")
    for n in (4, 5):
        expect(row(page, n)).to_contain_text("sent again by its run")
    is_for_everybody(page, axe)
    open_mail(page, 4)
    expect(page.get_by_role("main")).to_contain_text("sends it again by itself after 15 min")
    is_for_everybody(page, axe)
    time_passes(dsn)
    all_accepted(page, url)
    for n in (4, 5):
        expect_road(page, url, n, "Sent again with the same Message-ID, time 1 of 1 at most.")
    is_for_everybody(page, axe)


def looked_up(page: Page, dsn: str, axe: str) -> None:
    url = launched(page, axe, "looked up at the relay after 15 min")
    go(page, "Unknown")
    for n in (6, 7):
        expect(row(page, n)).to_contain_text("looked up by its run")
    is_for_everybody(page, axe)
    open_mail(page, 6)
    expect(page.get_by_role("main")).to_contain_text("asks the relay’s look-up after 15 min")
    time_passes(dsn)
    all_accepted(page, url)
    expect_road(page, url, 6, "settled by look-up")
    expect_road(page, url, 7, "settled: send again")
    is_for_everybody(page, axe)


def time_passes(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(A_QUARTER_OF_AN_HOUR)


def expect_road(page: Page, url: str, n: int, words: str) -> None:
    """On the page of this person's mail, reached from the run's recipients."""
    page.goto(f"{url}recipients/?q={person(n)}")
    page.get_by_role("link", name=person(n)).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Person {n}")
    expect(page.locator("body")).to_contain_text(words)

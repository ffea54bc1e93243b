"""Every page for everybody: axe, keys alone, 390 px, in the light and in the dark."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from postroad.testing.database import TestServer, private_home
from tests.shots.pages import pages_of
from tests.shots.served import served
from tests.shots.town import Town

from .access import GROUNDS, PHONE, faults_of
from .watched import Watched

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def console(
    browser: Browser, postgres_server: TestServer, template_database: str
) -> Iterator[tuple[Page, Town]]:
    """A signed-in page and the town behind it; both serve the whole module, which only looks."""
    with (
        postgres_server.clone(template_database) as dsn,
        private_home() as home,
        served(home, dsn) as shown,
    ):
        shown.open_shop()
        town = shown.build()
        shown.get_into_trouble(town)
        context = browser.new_context(base_url=shown.url)
        context.set_default_timeout(30_000)
        page = context.new_page()
        page.goto(shown.link())
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/")
        yield page, town
        context.close()


@pytest.fixture
def page(console: tuple[Page, Town]) -> Iterator[Page]:
    page = console[0]
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(color_scheme="light")
    watched = Watched(page)
    yield page
    page.goto("about:blank")
    assert watched.faults == []


@pytest.fixture
def town(console: tuple[Page, Town]) -> Town:
    return console[1]


def shown_pages(page: Page, town: Town) -> Iterator[str]:
    """The names of the pages, each open; questions as dialogs."""
    for each in pages_of(town):
        page.goto(each.path)
        if each.opens:
            page.locator(each.opens).first.click()
            expect(page.locator("#pr-dialog[open]")).to_be_visible()
        yield each.name


def test_axe_finds_nothing_serious_on_any_page(page: Page, town: Town, axe: str) -> None:
    found = []
    for name in shown_pages(page, town):
        found += [f"{name}, {fault}" for fault in faults_of(page, axe)]
    assert not found, "\n".join(found)


def test_no_page_is_wider_than_a_phone(page: Page, town: Town) -> None:
    page.set_viewport_size({"width": PHONE, "height": 844})
    wide = [
        name
        for name in shown_pages(page, town)
        if page.evaluate("document.documentElement.scrollWidth") > PHONE
    ]
    assert wide == []


PAINTED = """before => {
  const canvas = document.querySelector("#run-pace canvas");
  if (!canvas || !canvas.width || !canvas.height) return null;
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let sum = 0;
  for (let at = 0; at < data.length; at += 4) if (data[at + 3] > 200) sum += 1 + data[at] % 7;
  return sum && sum !== before ? sum : null;
}"""


def painted(page: Page, before: int) -> int:
    """How much is painted, and in which colours, as a number, once it is not that of before.

    Another theme draws a canvas anew.
    """
    found = page.wait_for_function(PAINTED, arg=before)
    return int(found.json_value())


def test_the_pace_of_a_run_is_drawn_in_the_colours_of_the_theme(page: Page, town: Town) -> None:
    page.goto(f"/runs/{town.finished}/")
    expect(page.locator("#run-pace canvas")).to_be_visible()
    in_the_light = painted(page, 0)
    assert in_the_light > 500
    page.emulate_media(color_scheme="dark")
    expect(page.locator("body")).to_have_css("background-color", GROUNDS["dark"])
    assert painted(page, in_the_light) > 0
    page.goto(f"/runs/{town.scheduled}/")
    expect(page.locator("#run-pace")).to_contain_text("Nothing has gone out yet")
    expect(page.locator("#run-pace canvas")).to_have_count(0)


def focused(page: Page) -> Locator:
    return page.locator(":focus")


def tab_to(page: Page, wanted: Locator, most: int = 60) -> None:
    """By the Tab key alone, as far as it takes."""
    expect(wanted).to_be_visible()
    handle = wanted.element_handle()
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement === wanted", handle):
            return
    raise AssertionError(f"{most} presses of Tab do not reach {wanted}")


@pytest.mark.parametrize(
    "path",
    ["/", "/contacts/", "/audiences/", "/content/", "/campaigns/{campaign}/", "/relays/{relay}/"],
)
def test_tab_reaches_the_primary_action_with_focus_seen(page: Page, town: Town, path: str) -> None:
    page.goto(path.format(campaign=town.campaign, relay=town.relay))
    primary = page.locator(".pr-actions .btn-primary")
    tab_to(page, primary)
    outline = primary.evaluate("it => getComputedStyle(it).outline")
    assert re.search(r"[2-9]px", outline), outline
    assert "none" not in outline


def test_the_first_tab_leads_to_the_content(page: Page) -> None:
    page.goto("/contacts/")
    page.keyboard.press("Tab")
    expect(focused(page)).to_have_text("To the content")
    page.keyboard.press("Enter")
    expect(page.locator("#pr-main")).to_be_focused()


def test_a_dialog_keeps_the_focus_and_gives_it_back(page: Page, town: Town) -> None:
    page.goto(f"/runs/{town.running}/")
    stop = page.locator("#run-stop")
    tab_to(page, stop)
    page.keyboard.press("Enter")
    dialog = page.locator("#pr-dialog")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name="Stop and purge")).to_be_focused()
    for _ in range(8):
        page.keyboard.press("Tab")
        assert not page.evaluate("() => !!document.activeElement.closest('.pr-shell')")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("#run-stop")).to_be_focused()

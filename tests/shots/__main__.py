"""Pictures of every page: `python -m tests.shots [family …]`, into docs/shots/out/.

Light and dark, 1440 and 390 px wide, with an index. Ends with 1 when a page
had a console error, a violation of the policy or a 5xx, or was too wide.
"""

import html
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import Browser, expect, sync_playwright
from playwright.sync_api import Page as Tab

from postroad.testing.database import migrate, private_home, private_server
from tests.browser.watched import Watched, launch_chromium

from .pages import FAMILIES, Page, pages_of
from .served import Served, served

ROOT = Path(__file__).parents[2]
OUT = ROOT / "docs" / "shots" / "out"
COMMITTED = ROOT / "docs" / "shots" / "console.png"
SIZES = {1440: 900, 390: 844}
THEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
LONGEST = 3_000
"""Pixels: of a longer page the beginning is shown."""


def main(families: list[str]) -> int:
    wanted = families or list(FAMILIES)
    if unknown := set(wanted) - set(FAMILIES):
        print(f"No family {', '.join(sorted(unknown))}: choose of {', '.join(FAMILIES)}.")
        return 2
    OUT.mkdir(parents=True, exist_ok=True)
    with private_server() as server, private_home() as home, sync_playwright() as playwright:
        server.make_template("migrated", migrate)
        with server.clone("migrated") as dsn, served(home, dsn) as console:
            browser = launch_chromium(playwright)
            faults = list(_all(browser, console, wanted))
            browser.close()
    (OUT / "index.html").write_text(_index(sorted(OUT.glob("*.png"))), encoding="utf-8")
    for fault in faults:
        print(fault)
    print(f"{len(list(OUT.glob('*.png')))} pictures: {OUT / 'index.html'}")
    return 1 if faults else 0


def _all(browser: Browser, console: Served, wanted: list[str]) -> Iterator[str]:
    console.open_shop()
    tab, watched = _sign_in(browser, console)
    if "start" in wanted:
        start = [Page("start", name, path) for name, path in _EMPTY]
        yield from _shoot_all(tab, console.url, start)
    town = console.build()
    pages = [page for page in pages_of(town) if page.family in wanted]
    if "run" in wanted:
        console.go_on(town)
        live = [page for page in pages if page.name == "run-live"]
        yield from _shoot_all(tab, console.url, live)
        pages = [page for page in pages if page not in live]
    calm = [page for page in pages if page.family != "trouble"]
    yield from _shoot_all(tab, console.url, calm)
    if "trouble" in wanted:
        console.get_into_trouble(town)
        console.silence_workers()
        in_trouble = [page for page in pages if page not in calm]
        yield from _shoot_all(tab, console.url, in_trouble)
    yield from watched.faults


_EMPTY = (
    ("first-start", "/"),
    ("empty-contacts", "/contacts/"),
    ("empty-dead", "/dead-letters/"),
    ("empty-inbox", "/inbox/"),
    ("empty-unknown", "/unknown/"),
    ("empty-journal", "/journal/"),
    ("empty-limits", "/limits/"),
    ("empty-sources", "/sources/"),
)


def _sign_in(browser: Browser, console: Served) -> tuple[Tab, Watched]:
    tab = browser.new_page()
    tab.set_default_timeout(30_000)
    tab.goto(console.link())
    tab.get_by_role("button", name="Sign in").click()
    tab.wait_for_url(console.url + "/")
    return tab, Watched(tab)


def _shoot_all(tab: Tab, url: str, pages: Iterable[Page]) -> Iterator[str]:
    for page in pages:
        for width, height in SIZES.items():
            tab.set_viewport_size({"width": width, "height": height})
            tab.emulate_media(color_scheme="light", reduced_motion="reduce")
            open_page(tab, url, page)
            wide = tab.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                yield f"{page.name}: {wide} px wide at {width}"
            for theme in THEMES:
                tab.emulate_media(color_scheme=theme)
                _shoot(tab, page, OUT / f"{page.name}-{theme}-{width}.png")


def open_page(tab: Tab, url: str, page: Page) -> None:
    """With its fonts, frames and counts; a question as the dialog that it is."""
    tab.goto(url + page.path)
    tab.wait_for_load_state("networkidle" if page.name == "audiences" else "load")
    tab.evaluate("document.fonts.ready.then(() => null)")
    if page.opens:
        tab.locator(page.opens).first.click()
        expect(tab.locator("#pr-dialog[open]")).to_be_visible()


def _shoot(tab: Tab, page: Page, file: Path) -> None:
    long = tab.evaluate("document.documentElement.scrollHeight")
    is_whole = not page.opens and long <= LONGEST
    tab.screenshot(path=file, full_page=is_whole)
    if file.name == "run-live-light-1440.png":
        tab.screenshot(path=COMMITTED)


def _index(files: list[Path]) -> str:
    cards = "".join(
        f'<a href="{html.escape(file.name)}"><img src="{html.escape(file.name)}" loading="lazy"'
        f' alt=""><br>{html.escape(file.stem)}</a>\n'
        for file in files
    )
    style = "body{font:13px sans-serif}a{display:inline-block;margin:8px}img{width:320px}"
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>Pages</title>\n'
        f"<style>{style}</style>\n{cards}</html>\n"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

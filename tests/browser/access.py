"""What everybody needs of a page: axe in the light and in the dark, and the width of a phone."""

from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, expect

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
GROUNDS: dict[Literal["light", "dark"], str] = {
    "light": "rgb(250, 249, 246)",
    "dark": "rgb(19, 20, 22)",
}
PHONE = 390
_RUN_AXE = """async () => {
  const found = await axe.run(document, { iframes: false, resultTypes: ["violations"] });
  return found.violations.filter((each) => ["serious", "critical"].includes(each.impact)).map(
    (each) => `${each.id} (${each.impact}): ${each.help}; ${each.nodes.length} times, first `
      + each.nodes[0].html.slice(0, 200) + " " + each.nodes[0].failureSummary.slice(0, 300));
}"""


def faults_of(page: Page, axe: str) -> list[str]:
    """What axe calls serious, in either theme; leaves the page in the light."""
    page.evaluate(axe)
    found = []
    for theme, ground in GROUNDS.items():
        page.emulate_media(color_scheme=theme)
        expect(page.locator("body")).to_have_css("background-color", ground)
        found += [f"{theme}: {fault}" for fault in page.evaluate(_RUN_AXE)]
    page.emulate_media(color_scheme="light")
    return found


def is_for_everybody(page: Page, axe: str) -> None:
    """Nothing serious for axe, and no wider than a phone."""
    assert faults_of(page, axe) == []
    before = page.viewport_size
    assert before is not None
    page.set_viewport_size({"width": PHONE, "height": 844})
    page.wait_for_function("width => window.innerWidth === width", arg=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    page.set_viewport_size(before)

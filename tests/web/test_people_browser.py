"""People, audiences, relays and settings in a real browser; conftest fails any console error."""

import pytest
from playwright.sync_api import Page, expect

from postroad.app import App

pytestmark = pytest.mark.browser


def test_people_are_pasted_tagged_by_keys_and_undone(page: Page) -> None:
    page.goto("/contacts/paste/")
    page.get_by_label("People").fill("Ann Lee <ann@x.org>, Bob Ray <bob@x.org>")
    page.get_by_role("button", name="Add the people").click()
    expect(page.locator("#pr-toast")).to_contain_text("2 contacts added")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-chosen]")).to_have_text("1")
    page.locator("[data-when-chosen] input[name=name]").fill("vip")
    page.get_by_role("button", name="Tag", exact=True).click()
    expect(page.locator(".pr-tag", has_text="vip")).to_have_count(1)
    page.keyboard.press("z")
    expect(page.locator(".pr-tag", has_text="vip")).to_have_count(0)
    page.goto("/audiences/new/")
    page.get_by_label("Name").fill("Everybody")
    page.get_by_role("button", name="Deploy version 1").click()
    page.goto("/audiences/")
    expect(page.locator("[id^=audience-count]")).to_have_text("2")


def test_no_page_is_wider_than_a_phone(page: Page, app: App) -> None:
    app.contacts.add("Ann Lee <ann@x.org>", ["press"], "manager")
    app.suppressions.add("a.rather.long.address.of.somebody@example.org", "a note", "manager")
    relay = app.relays.put_sandbox(2525)
    page.set_viewport_size({"width": 390, "height": 844})
    paths = ["", "new/", "paste/", "import/", "1/", "1/edit/"]
    for path in [
        *(f"/contacts/{path}" for path in paths),
        *("/suppressions/", "/suppressions/new/", "/audiences/", "/audiences/new/"),
        *("/relays/", "/relays/new/?preset=gmail", f"/relays/{relay}/", "/settings/"),
    ]:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path

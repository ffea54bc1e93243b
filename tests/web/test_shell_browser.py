"""The shell in a real browser. Any console error or violation of the policy fails (conftest)."""

import pytest
from playwright.sync_api import Page, expect

from postroad.app import App

from .test_shell_home import run_sql
from .test_shell_live import add_run

pytestmark = pytest.mark.browser


def test_figures_change_in_place_and_what_was_opened_stays(page: Page, app: App) -> None:
    add_run(app)
    page.reload()
    expect(page.locator("#home-now")).to_contain_text("61 of 100 accepted")
    page.locator("#home-run-1").evaluate("card => { card.mine = true }")
    run_sql("INSERT INTO count_delta VALUES (1, 'prepared', -9), (1, 'accepted', 9)")
    expect(page.locator("#home-now")).to_contain_text("70 of 100 accepted")
    assert page.locator("#home-run-1").evaluate("card => card.mine"), "swapped, not morphed"
    run_sql("INSERT INTO attention (run_id, n, state, cause, text) VALUES (1, 1, 'dead', 'x', 'y')")
    expect(page.locator("#needs-dead")).to_contain_text("1 dead letter, 1 cause")


def test_keys_lead_and_are_silent_in_fields(page: Page) -> None:
    page.keyboard.press("/")
    expect(page.get_by_placeholder("Find or go to")).to_be_focused()
    page.keyboard.type("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    page.keyboard.press("Enter")
    page.wait_for_url("**/find/?q=%3F")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.wait_for_url("**/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()


def test_the_theme_is_remembered_without_a_flash(page: Page) -> None:
    root = page.locator("html")
    page.emulate_media(color_scheme="light")
    page.get_by_role("button", name="Change the theme").click()
    expect(root).to_have_attribute("data-bs-theme", "dark")
    expect(page.locator("body")).to_have_css("background-color", "rgb(19, 20, 22)")
    answer = page.request.get("/")
    assert 'data-bs-theme="dark"' in answer.text()


def test_the_system_decides_until_the_manager_does(page: Page) -> None:
    body = page.locator("body")
    page.emulate_media(color_scheme="dark")
    expect(body).to_have_css("background-color", "rgb(19, 20, 22)")
    page.emulate_media(color_scheme="light")
    expect(body).to_have_css("background-color", "rgb(250, 249, 246)")


def test_on_a_phone_the_navigation_is_a_drawer_and_nothing_is_wider(page: Page, app: App) -> None:
    add_run(app)
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    drawer = page.get_by_role("navigation")
    expect(drawer).to_be_hidden()
    page.get_by_role("link", name="Navigation").click()
    expect(drawer).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_session_that_ended_leads_to_sign_in_by_itself(page: Page, app: App) -> None:
    run_sql("DELETE FROM django_session")
    page.wait_for_url("**/account/login/**")

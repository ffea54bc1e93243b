"""Sources in the browser, on a shop's real database."""

import datetime as dt
from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from postroad.app import App
from postroad.core.source.connection import SourceTarget
from postroad.testing.certificates import make_certificates
from postroad.testing.customer import CustomerServer, customer_postgres
from postroad.testing.database import TestServer
from postroad.testing.shop import make_shop
from tests.browser.access import AXE, is_for_everybody


@pytest.fixture(scope="module")
def customer(
    postgres_server: TestServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[CustomerServer, SourceTarget]]:
    folder = tmp_path_factory.mktemp("certificates")
    certificates = make_certificates(folder, dt.datetime.now(dt.UTC))
    with customer_postgres(postgres_server.shelf, certificates.valid) as server:
        target = make_shop(server, "shop", certificates.authority)
        yield server, target


@pytest.fixture
def shop(customer: tuple[CustomerServer, SourceTarget]) -> SourceTarget:
    return customer[1]


def typed(target: SourceTarget, **more: str) -> dict[str, str]:
    return {
        "name": "Shop", "dialect": target.dialect.value, "host": target.host,
        "port": str(target.port), "database": target.database, "tls": target.tls.value,
        "ca_file": target.ca_file, "deploy_user": target.deploy_user,
        "deploy_password": target.deploy_password, "run_user": target.run_user,
        "run_password": target.run_password, "schema": target.schema, "timeout_seconds": "10",
    } | more  # fmt: skip


def shown(manager: Client, path: str) -> str:
    answer = manager.get(path)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def made(manager: Client, target: SourceTarget, **more: str) -> str:
    answer = manager.post("/sources/new/", typed(target, **more))
    assert answer.status_code == 303, answer.content
    return str(answer["Location"])


def said(manager: Client, path: str, **more: str) -> str:
    answer = manager.post(path, more, follow=True)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def test_the_contacts_are_there_before_any_source(manager: Client) -> None:
    text = shown(manager, "/sources/")
    assert "Only the contacts so far" in text
    assert 'href="/sources/new/"' in text


def test_a_source_is_saved_tested_looked_at_and_mapped(
    manager: Client, app: App, shop: SourceTarget
) -> None:
    path = made(manager, shop)
    text = said(manager, f"{path}test/")
    assert "Both accounts work" in text
    assert "6 tables may be read" in text
    text = said(manager, f"{path}refresh/")
    assert "Where are the people?" in text
    assert "schema=public&amp;table=Person" in text
    where = f"{path}map/?schema=public&table=Person"
    text = shown(manager, where)
    assert "p1@example.org" in text
    assert '<option value="E-Mail" selected>' in text
    text = said(
        manager, where, key="id", address="E-Mail", consent="newsletter", variables="points"
    )
    assert "Audiences can stand on this source now" in text
    mapping = app.sources.all()[0].mapping
    assert mapping is not None
    assert (mapping.address, mapping.consent, mapping.variables) == (
        "E-Mail", "newsletter", ("points",),
    )  # fmt: skip
    assert "public.Person" in shown(manager, "/sources/")


def test_a_password_never_comes_back(manager: Client, app: App, shop: SourceTarget) -> None:
    path = made(manager, shop, deploy_password="correct horse battery")
    for page in ("/sources/", path, f"{path}edit/", f"{path}accounts/"):
        assert "correct horse battery" not in shown(manager, page)
    assert "One is kept" in shown(manager, f"{path}edit/")
    answer = manager.post(f"{path}edit/", typed(shop, deploy_password="", host="other.example"))
    assert answer.status_code == 303
    target = app.sources.target(app.sources.all()[0].id)
    assert target is not None
    assert (target.host, target.deploy_password) == ("other.example", "correct horse battery")


def test_what_is_wrong_is_said_with_what_the_server_said(
    manager: Client, shop: SourceTarget
) -> None:
    path = made(manager, shop, run_password="wrong")
    text = said(manager, f"{path}test/")
    assert "Run account: password." in text
    assert "password authentication failed" in text
    for wrong, fault in (
        ({"host": "a b"}, b"This is no host name"),
        ({"run_user": ""}, b"No run user is named"),
        ({"name": "Shop"}, b"There is a source called"),
    ):
        answer = manager.post("/sources/new/", typed(shop, **({"name": "Two"} | wrong)))
        assert answer.status_code == 422
        assert fault in answer.content


def test_a_table_without_addresses_is_told_and_others_are_offered(
    manager: Client, shop: SourceTarget
) -> None:
    path = made(manager, shop)
    said(manager, f"{path}refresh/")
    text = shown(manager, f"{path}map/?schema=sales&table=invoice")
    assert "sales.invoice has no column with e-mail addresses: choose another table" in text
    assert f'href="{path}map/?schema=public&amp;table=Person"' in text
    assert manager.get(f"{path}map/?schema=public&table=nowhere").status_code == 404


def test_a_refresh_names_what_broke(
    manager: Client, customer: tuple[CustomerServer, SourceTarget]
) -> None:
    server, shop = customer
    server.execute("CREATE TABLE pet (id int PRIMARY KEY, email text, age int)", "shop")
    server.execute('GRANT SELECT ON pet TO "shop deploy"', "shop")
    path = made(manager, shop)
    said(manager, f"{path}refresh/")
    said(manager, f"{path}map/?schema=public&table=pet", key="id", address="email")
    assert "Nothing broke." in said(manager, f"{path}refresh/")
    server.execute("ALTER TABLE pet DROP COLUMN email", "shop")
    text = said(manager, f"{path}refresh/")
    assert "1 broke since it was last looked at" in text
    assert "public.pet.email is gone" in text
    assert "choose them again" in text
    answer = manager.post(f"{path}map/", {"key": "id", "address": ""})
    assert answer.status_code == 422
    assert b"Choose a column, or go back to another table" in answer.content
    server.execute("DROP TABLE pet", "shop")


def test_the_sql_for_the_accounts_has_no_password(manager: Client, shop: SourceTarget) -> None:
    path = made(manager, shop)
    text = shown(manager, f"{path}accounts/")
    assert "CREATE ROLE &quot;shop deploy&quot; LOGIN" in text
    assert "&lt;deploy password&gt;" in text


def test_deleting_asks_first(manager: Client, app: App, shop: SourceTarget) -> None:
    path = made(manager, shop)
    assert "Delete the source Shop?" in shown(manager, f"{path}delete/")
    assert len(app.sources.all()) == 1
    said(manager, f"{path}delete/")
    assert app.sources.all() == []


@pytest.mark.browser
def test_the_wizard_is_gone_through_by_clicking(page: Page, shop: SourceTarget) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed")
    axe = AXE.read_text(encoding="utf-8")
    page.goto("/sources/")
    is_for_everybody(page, axe)
    page.get_by_role("main").get_by_role("link", name="New source").first.click()
    is_for_everybody(page, axe)
    page.get_by_label("Name").fill("Shop")
    page.get_by_label("Host").fill(shop.host)
    page.get_by_label("Port").fill(str(shop.port))
    page.get_by_label("Database").fill(shop.database)
    page.get_by_label("Own authority").fill(shop.ca_file)
    page.get_by_label("Deploy user").fill(shop.deploy_user)
    page.get_by_label("Deploy password").fill("wrong")
    page.get_by_label("Run user").fill(shop.run_user)
    page.get_by_label("Run password").fill(shop.run_password)
    if shop.tls == "none":
        page.get_by_label("None").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Test").click()
    expect(page.locator("#source-diagnoses")).to_contain_text("Deploy account: password.")
    is_for_everybody(page, axe)
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Deploy password").fill(shop.deploy_password)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Test").click()
    expect(page.locator("#source-answers")).to_contain_text("Both accounts work")
    page.get_by_role("button", name="Look at its tables").click()
    is_for_everybody(page, axe)
    page.get_by_role("link", name="public.Person").click()
    expect(page.get_by_label("E-mail", exact=True)).to_have_value("E-Mail")
    is_for_everybody(page, axe)
    page.get_by_role("button", name="These are the people").click()
    expect(page.locator("#pr-toast")).to_contain_text("Audiences can stand on this source")
    is_for_everybody(page, axe)
    page.get_by_role("link", name="The SQL for both accounts").click()
    is_for_everybody(page, axe)

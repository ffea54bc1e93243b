"""Nobody else's page can press a button of the manager's; only unsubscribing needs no form."""

from django.test import Client
from django.urls import get_resolver

from postroad.app import App
from tests.web.conftest import make_client, sign_in

from .hostile import World, a_hostile_world
from .walk import console

# Before a session there is nothing to press; each has a test of its own in tests/web.
TABLES = (
    "contact", "tag", "suppression", "audience", "audience_version", "content", "revision",
    "campaign", "relay", "source", "run", "retry", "journal", "setting", "auth_user",
)  # fmt: skip


def everything(app: App) -> dict[str, str]:
    """A fingerprint of each table that the manager's acts reach."""
    from django.db import connection

    found = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        there = {name for (name,) in cursor.fetchall()}
        for table in sorted(there & set(TABLES)):
            cursor.execute(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t")
            found[table] = cursor.fetchone()[0]
    return found


def test_no_post_without_the_forms_token_does_anything(app: App, manager: Client) -> None:
    world: World = a_hostile_world(app, manager)
    victim = make_client(app, checks_csrf=True)
    # Signed in by a client that checks nothing, whose cookies a browser would send along.
    victim.cookies.update(manager.cookies)
    before = everything(app)
    assert "journal" in before
    codes = {place.name: victim.post(place.path).status_code for place in console(world.ids)}
    assert {name: code for name, code in codes.items() if code != 403} == {}
    foreign = {"origin": "https://evil.example"}
    codes = {p.name: victim.post(p.path, headers=foreign).status_code for p in console(world.ids)}
    assert set(codes.values()) == {403}
    assert everything(app) == before


def test_only_the_public_side_is_exempt() -> None:
    exempt = [
        str(pattern.name)
        for resolver in get_resolver().url_patterns
        for family in getattr(resolver, "url_patterns", [])
        for pattern in getattr(family, "url_patterns", [family])
        if getattr(pattern.callback, "csrf_exempt", False)
    ]
    assert sorted(exempt) == ["unknown", "unsubscribe"]


def test_reading_writes_nothing_on_the_open_pages_either(app: App, client: Client) -> None:
    from django.db import connection

    secret = app.account.make_link(app.clock.now())
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
    for path in (
        f"/account/link/{secret}/",
        "/account/link/x/",
        "/account/login/",
        "/p/x/unsubscribe",
    ):
        for answer in (client.get(path), client.head(path)):
            assert answer.status_code in (200, 404, 405, 410), path
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE")
    sign_in(make_client(app), app)
    assert client.post(f"/account/link/{secret}/").status_code == 303, "it was not used up"

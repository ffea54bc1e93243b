"""Whatever was stored, no page runs it: every URL of the console is looked at."""

import pytest
from django.test import Client

from postroad.app import App

from .hostile import EVIL, World, a_hostile_world
from .walk import active_parts, console

MARK = "onerror=run()"


@pytest.fixture
def world(app: App, manager: Client) -> World:
    return a_hostile_world(app, manager)


def test_the_scan_sees_what_it_looks_for() -> None:
    assert len(active_parts(f"<p>{EVIL}</p>")) == 3
    assert active_parts('<a href="javascript:run()">x</a>')
    assert active_parts('<a href="//evil.example">x</a>')
    assert not active_parts('<p title="&quot;&gt;&lt;script&gt;">{{7*7}}</p>')


def test_no_page_runs_what_was_stored(world: World, manager: Client) -> None:
    shows: set[str] = set()
    for place in console(world.ids):
        answer = manager.get(place.path)
        assert answer.status_code < 500, place
        if "sandbox" in answer.get("Content-Security-Policy", ""):
            continue
        if answer.get("Content-Disposition", "").startswith("attachment"):
            assert answer["X-Content-Type-Options"] == "nosniff"
            continue
        text = answer.content.decode()
        assert active_parts(text) == [], place
        assert "run()&gt;49" not in text, place
        if MARK in text:
            shows.add(place.name)
    assert shows >= {
        "web:home", "web:account", "web:contact-list", "web:contact", "web:contact-edit",
        "web:contact-imported", "web:audience", "web:content", "web:content-edit", "web:campaign",
        "web:campaign-list", "web:run", "web:run-report", "web:delivery", "web:dead-list",
        "web:unknown-list", "web:journal-list", "web:worker-list", "web:inbox-list",
        "web:inbox-mail", "web:relay", "web:relay-list", "web:suppression-list",
        "web:source", "web:source-list", "web:source-tables", "web:source-accounts",
        "web:source-map",
    }, "the walk did not meet what it was to meet"  # fmt: skip

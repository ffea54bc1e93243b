"""Addresses never written to: listed, looked up, added and taken off with care."""

import re

from django.test import Client

from postroad.app import App

from .test_shell_home import run_sql


def shown(manager: Client, path: str) -> str:
    answer = manager.get(path)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def test_an_empty_list_says_what_it_is_for(manager: Client) -> None:
    text = shown(manager, "/suppressions/")
    assert "Nobody is suppressed" in text
    assert 'href="/suppressions/new/"' in text


def test_addresses_are_suppressed_and_bad_ones_stay_in_the_box(manager: Client, app: App) -> None:
    answer = manager.post("/suppressions/new/", {"text": "Ann <ann@x.org>, carl@", "note": "phone"})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "1 suppressed, 1 could not be read" in text
    assert re.search(r"<textarea[^>]*>\s*carl@</textarea>", text)
    assert app.suppressions.find("ann@X.org") is not None
    answer = manager.post("/suppressions/new/", {"text": "ann@x.org, bob@x.org", "note": ""})
    assert answer.status_code == 303
    text = shown(manager, "/suppressions/")
    assert "1 address suppressed, 1 were so before" in text
    assert "Put here by hand" in text
    assert "phone" in text


def test_an_empty_box_is_refused(manager: Client) -> None:
    answer = manager.post("/suppressions/new/", {"text": "\n", "note": ""})
    assert answer.status_code == 422
    assert b"Nothing is in the box" in answer.content


def test_an_address_is_looked_up_whole_however_it_is_written(manager: Client, app: App) -> None:
    app.suppressions.add("ann@x.org", "", "manager")
    assert "ann@x.org" in shown(manager, "/suppressions/?q=ANN@X.org")
    assert "Not suppressed" in shown(manager, "/suppressions/?q=bob@x.org")
    assert "Not suppressed" in shown(manager, "/suppressions/?q=%00%00bob")


def release_path(app: App, address: str) -> str:
    row = app.suppressions.find(address)
    assert row is not None
    return f"/suppressions/{row.hash.hex()}/release/"


def test_what_was_put_there_by_hand_is_taken_off_by_one_press(manager: Client, app: App) -> None:
    app.suppressions.add("ann@x.org", "", "manager")
    path = release_path(app, "ann@x.org")
    assert "Write to ann@x.org again?" in shown(manager, path)
    assert app.suppressions.find("ann@x.org") is not None, "asking changes nothing"
    assert manager.post(path).status_code == 303
    assert app.suppressions.find("ann@x.org") is None
    assert manager.post(path).status_code == 303, "pressed twice"
    assert manager.get(path).status_code == 404


def test_a_persons_own_wish_needs_a_second_word(manager: Client, app: App) -> None:
    app.suppressions.add("ann@x.org", "", "manager")
    run_sql("UPDATE suppression SET reason = 'unsubscribed'")
    path = release_path(app, "ann@x.org")
    assert "own wish" in shown(manager, path)
    answer = manager.post(path)
    assert answer.status_code == 422
    assert b"confirm that they asked" in answer.content
    assert app.suppressions.find("ann@x.org") is not None
    assert manager.post(path, {"confirm": "on"}).status_code == 303
    assert app.suppressions.find("ann@x.org") is None


def test_an_erased_address_is_shown_as_its_hash_only(manager: Client, app: App) -> None:
    app.suppressions.add("ann@x.org", "", "manager")
    run_sql("UPDATE suppression SET address = NULL")
    assert "erased, kept as a hash" in shown(manager, "/suppressions/")
    assert "erased, kept as a hash" in shown(manager, "/suppressions/?q=ann@x.org")


def test_a_hash_that_is_none_is_404(manager: Client) -> None:
    assert manager.get("/suppressions/nothex/release/").status_code == 404
    assert manager.get(f"/suppressions/{'00' * 32}/release/").status_code == 404

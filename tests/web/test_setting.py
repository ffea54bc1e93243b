"""What holds for the whole product."""

from django.test import Client

from postroad.app import App

KEPT = {
    "public_url": "https://mail.example.org/", "undo_seconds": "30", "zone": "Europe/Vienna",
    "sender_name": "Ann", "sender_address": "ann@example.org",
}  # fmt: skip


def test_settings_are_kept_and_journaled(manager: Client, app: App) -> None:
    assert manager.post("/settings/", KEPT).status_code == 303
    kept = app.set_for_all.get()
    assert kept.public_url == "https://mail.example.org"
    assert kept.undo_seconds == 30
    text = manager.get("/settings/").content.decode()
    assert "Settings saved" in text
    assert 'value="30"' in text
    assert "Europe/Vienna" in text
    journal = manager.get("/journal/").content.decode()
    assert "Settings changed: public_url, undo_seconds" in journal
    manager.post("/settings/", KEPT)
    assert b"Nothing was changed" in manager.get("/settings/").content


def test_what_cannot_be_set_says_why(manager: Client, app: App) -> None:
    before = app.set_for_all.get()
    for name, typed, said in (
        ("public_url", "http://mail.example.org", "Recipients cannot reach this"),
        ("undo_seconds", "soon", "Write a number of seconds"),
        ("undo_seconds", "-1", "Between 0 and 3,600"),
        ("undo_seconds", "nan", "Write a number of seconds"),
        ("zone", "Vienna", "This time zone is not known"),
        ("sender_address", "ann@", "This "),
    ):
        answer = manager.post("/settings/", KEPT | {name: typed})
        assert answer.status_code == 422, name
        assert said in answer.content.decode(), name
        assert typed in answer.content.decode()
    assert app.set_for_all.get() == before

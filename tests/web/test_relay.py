"""Relays in the browser: set, tried, used again; a password never comes back."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from postroad.app import App
from postroad.testing.certificates import make_certificates
from postroad.testing.relay import Phase, RelayProcess, Rule, Script, relay_process

from .test_shell_home import run_sql

SECRET = "correct horse battery"
FRANKFURT = {
    "name": "Frankfurt", "host": "smtp.example.org", "port": "587", "tls": "starttls",
    "user": "ann@example.org", "password": SECRET, "ca_file": "", "per_minute": "30",
    "per_day": "", "connections": "4",
}  # fmt: skip


def shown(manager: Client, path: str) -> str:
    answer = manager.get(path)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def make(manager: Client, **typed: Any) -> str:
    answer = manager.post("/relays/new/", FRANKFURT | typed)
    assert answer.status_code == 303, answer.content
    return str(answer["Location"])


def test_the_sandbox_is_explained_and_has_no_form(manager: Client, app: App) -> None:
    assert "No relay yet" in shown(manager, "/relays/")
    key = app.relays.put_sandbox(2525)
    text = shown(manager, "/relays/")
    assert "nothing leaves" in text
    assert "Only the sandbox is here." in text
    text = shown(manager, f"/relays/{key}/")
    assert "Nothing leaves this machine" in text
    assert 'href="/inbox/"' in text
    assert manager.get(f"/relays/{key}/edit/").status_code == 404


def test_a_relay_is_saved_and_its_password_never_shown_back(manager: Client, app: App) -> None:
    path = make(manager)
    for page in (path, f"{path}edit/", "/relays/"):
        assert SECRET not in shown(manager, page)
    assert "kept encrypted" in shown(manager, path)
    assert "30 mails a minute" in shown(manager, path)
    form = shown(manager, f"{path}edit/")
    assert "One is kept" in form
    target = app.relays.target(app.relays.all()[0].id)
    assert target is not None
    assert target.password == SECRET
    answer = manager.post(f"{path}edit/", FRANKFURT | {"port": "none", "password": "newer"})
    assert answer.status_code == 422
    assert b"newer" not in answer.content


def test_an_empty_password_keeps_the_kept_one_until_it_is_taken_away(
    manager: Client, app: App
) -> None:
    path = make(manager)
    key = app.relays.all()[0].id
    kept = FRANKFURT | {"password": "", "host": "other.example.org"}
    assert manager.post(f"{path}edit/", kept).status_code == 303
    target = app.relays.target(key)
    assert target is not None
    assert (target.host, target.password) == ("other.example.org", SECRET)
    manager.post(f"{path}edit/", kept | {"forget_password": "on"})
    target = app.relays.target(key)
    assert target is not None
    assert target.password == ""


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"host": "not a host"}, "This is no host name"),
        ({"port": "70000"}, "A port is a number from 1 to 65535"),
        ({"port": ""}, "No port is named"),
        ({"tls": "none"}, "would travel in clear"),
        ({"user": ""}, "A password needs a user"),
        ({"per_day": "-3"}, "A limit is a number from 1 on"),
        ({"per_minute": "many"}, "Write a number, or leave it empty"),
        ({"connections": "0"}, "Between 1 and 100 connections"),
    ],
)
def test_what_cannot_work_is_refused_on_its_field(
    manager: Client, app: App, typed: dict[str, str], said: str
) -> None:
    answer = manager.post("/relays/new/", FRANKFURT | typed)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert b'value="Frankfurt"' in answer.content
    assert app.relays.all() == []


def test_a_preset_fills_in_what_a_provider_asks_for(manager: Client) -> None:
    text = shown(manager, "/relays/new/?preset=gmail")
    assert 'value="smtp.gmail.com"' in text
    assert 'value="500"' in text
    assert "app password" in text
    assert 'value="smtp.gmail.com"' not in shown(manager, "/relays/new/?preset=nobody")


def a_relay(manager: Client, relay: RelayProcess, **typed: Any) -> str:
    here = {"host": "127.0.0.1", "port": str(relay.port), "tls": "none", "user": "", "password": ""}
    return make(manager, **(here | typed))


def test_the_test_says_that_it_works_and_sends_nothing(manager: Client, tmp_path: Path) -> None:
    now = dt.datetime.now(dt.UTC)
    certificates = make_certificates(tmp_path, now)
    script = Script(user="me", password=SECRET, certificate=str(certificates.valid))
    with relay_process(tmp_path, script) as relay:
        path = a_relay(
            manager, relay, host="localhost", tls="starttls", user="me", password=SECRET,
            ca_file=str(certificates.authority),
        )  # fmt: skip
        text = manager.post(f"{path}test/").content.decode()
        assert "It works:" in text, text
        assert "TLSv1.3" in text
        assert "signed in as me" in text
        assert "PIPELINING" in text
        assert not relay.tally.begun_recipients


def test_the_test_says_what_is_wrong_and_what_to_do(manager: Client, tmp_path: Path) -> None:
    with relay_process(tmp_path, Script(user="me", password="other")) as relay:
        path = a_relay(manager, relay, user="me", password=SECRET)
        text = manager.post(f"{path}test/").content.decode()
        assert 'id="relay-refusal"' in text
        assert "check the user name and password" in text
        assert SECRET not in text
    text = manager.post(f"{path}test/").content.decode()
    assert "can&#x27;t be reached" in text
    assert "check that it runs" in text


def test_a_busy_relay_is_quoted(manager: Client, tmp_path: Path) -> None:
    rules = (Rule(Phase.BANNER, reply="421 4.3.2 Come back <later>"),)
    with relay_process(tmp_path, Script(rules=rules)) as relay:
        path = a_relay(manager, relay)
        text = manager.post(f"{path}test/").content.decode()
        assert "421 4.3.2 Come back &lt;later&gt;" in text


def test_a_stopped_relay_says_why_and_is_used_again_by_one_press(manager: Client, app: App) -> None:
    path = make(manager)
    key = app.relays.all()[0].id
    run_sql(f"SELECT stop_relay({key}, NULL, '535 5.7.8 Bad password')")
    text = shown(manager, "/relays/")
    assert "Frankfurt is stopped" in text
    assert "535 5.7.8 Bad password" in text
    assert "It waits for you" in text
    assert f'href="/relays/{key}/edit/">its settings' in text
    assert "No recipient was burned" in shown(manager, path)
    assert manager.post(f"{path}use-again/").status_code == 303
    assert "Frankfurt is stopped" not in shown(manager, "/relays/")
    manager.post(f"{path}use-again/")
    assert "It was in use already" in shown(manager, "/relays/")
    run_sql(f"SELECT stop_relay({key}, now() + interval '5 min', 'down')")
    assert "tried again by itself" in shown(manager, "/relays/")


def test_the_default_moves_and_a_relay_is_deleted_after_asking(manager: Client, app: App) -> None:
    sandbox = app.relays.put_sandbox(2525)
    path = make(manager)
    assert shown(manager, "/relays/").index("Frankfurt") < shown(manager, "/relays/").index(
        "Sandbox"
    )
    manager.post(f"/relays/{sandbox}/default/")
    default = app.relays.default()
    assert default is not None
    assert default.id == sandbox
    assert "Delete the relay Frankfurt?" in shown(manager, f"{path}delete/")
    assert manager.get(f"/relays/{sandbox}/delete/").status_code == 200
    assert manager.post(f"/relays/{sandbox}/delete/").status_code == 422
    assert manager.post(f"{path}delete/").status_code == 303
    assert [relay.name for relay in app.relays.all()] == ["Sandbox"]
    assert manager.get(path).status_code == 404


def test_several_mails_at_once_can_be_switched_off(manager: Client, app: App) -> None:
    path = make(manager, chunking="on")
    assert "Where the relay offers CHUNKING" in shown(manager, path)
    assert manager.post(f"{path}edit/", FRANKFURT).status_code == 303
    target = app.relays.target(app.relays.all()[0].id)
    assert target is not None
    assert not target.chunking
    assert "<dt>Several mails at once</dt><dd>Never</dd>" in shown(manager, path)
    assert "checked" not in shown(manager, f"{path}edit/").partition('name="chunking"')[2][:40]
    assert 'name="chunking"' in shown(manager, "/relays/new/")


WARMING = {"at_once": "20", "per_day": "10000", "ramp_first": "200", "ramp_percent": "50"}


def asked(statement: str) -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def test_limits_are_kept_in_the_engine_and_told_in_words(manager: Client, app: App) -> None:
    path = make(manager, **WARMING)
    assert asked("SELECT per_minute, at_once, per_day, ramp_first, ramp_percent FROM bucket") == [
        (30, 20, 10000, 200, 50)
    ]
    text = shown(manager, path)
    assert "30 mails a minute · 20 at once · 10,000 in any 24 hours" in text
    assert "warm-up from 200 on the first day, 50 % more each day up to 10,000" in text
    assert "of 200, day 1 of the warm-up" in text
    run_sql("UPDATE bucket SET ramp_from = now() - interval '2 days'")
    assert "of 450, day 3 of the warm-up" in shown(manager, f"{path}_now/")
    assert manager.post(f"{path}edit/", FRANKFURT | WARMING | {"at_once": ""}).status_code == 303
    assert "of 450, day 3 of the warm-up" in shown(manager, path), "an edit starts no new warm-up"
    assert "20 at once" not in shown(manager, path)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"at_once": "0"}, "A limit is a number from 1 on"),
        ({"ramp_first": "200"}, "Say how many more each day"),
        ({"ramp_percent": "50"}, "A warm-up needs a first day"),
        ({"ramp_first": "200", "ramp_percent": "0"}, "Write a number from 1 to 1,000"),
        ({"ramp_first": "9", "ramp_percent": "5", "per_day": "9"}, "as many as any day"),
    ],
)
def test_limits_that_make_no_sense_are_refused(
    manager: Client, typed: dict[str, str], said: str
) -> None:
    answer = manager.post("/relays/new/", FRANKFURT | typed)
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_the_use_of_the_day_and_slowed_down_lanes_are_shown(manager: Client, app: App) -> None:
    path = make(manager, per_day="500")
    key = app.relays.all()[0].id
    assert "No lane was asked to slow down" in shown(manager, path)
    run_sql(f"INSERT INTO bucket_hour VALUES ('relay', '{key}', date_trunc('hour', now()), 500)")
    run_sql("UPDATE bucket SET blocked_until = now() + interval '3 hours'")
    run_sql(f"SELECT slow_down_lane({key}, 'google', 3, '421 4.7.28 <too> fast')")
    text = shown(manager, f"{path}_now/")
    assert "of 500" in text
    assert "a limit is used up" in text
    assert "15 a minute" in text, "half of the relay's 30"
    assert "421 4.7.28 &lt;too&gt; fast" in text
    run_sql("UPDATE bucket SET slow_at = now() - interval '3 hours' WHERE kind = 'slow'")
    assert "No lane was asked to slow down" in shown(manager, path), "it has recovered"

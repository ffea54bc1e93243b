"""Every URL there is, those of page families to come included."""

import re
from collections.abc import Iterator

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from postroad.app import App

OPEN = {"account-login", "account-link"}
"""What a stranger may see of the console."""

SAMPLES = {
    "int": "1",
    "str": "x",
    "slug": "x",
    "path": "x",
    "uuid": f"{'0' * 8}-0000-0000-0000-{'0' * 12}",
}


def patterns(
    resolver: URLResolver, prefix: str = "", namespace: str = ""
) -> Iterator[tuple[str, str, str]]:
    """(namespace, name, path) of every URL, with samples for its parts."""
    for one in resolver.url_patterns:
        route = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from patterns(one, route, one.namespace or namespace)
        elif isinstance(one, URLPattern):
            sample = re.sub(r"<(?:(\w+):)?\w+>", lambda part: SAMPLES[part[1] or "str"], route)
            yield namespace, one.name or "", f"/{sample}"


@pytest.fixture
def console(app: App) -> list[tuple[str, str]]:
    return [(name, path) for space, name, path in patterns(get_resolver()) if space == "web"]


def test_the_walk_sees_the_pages(console: list[tuple[str, str]]) -> None:
    assert ("home", "/") in console
    assert ("account-link", "/account/link/x/") in console


def test_every_url_has_a_name_of_its_own(app: App) -> None:
    names = [(space, name) for space, name, _ in patterns(get_resolver())]
    assert all(space and name for space, name in names)
    assert len(names) == len(set(names))


def test_strangers_are_sent_to_sign_in_from_everywhere(
    console: list[tuple[str, str]], client: Client
) -> None:
    for name, path in console:
        for answer in (client.get(path), client.post(path)):
            if name in OPEN:
                assert answer.status_code in (200, 410, 422), path
            else:
                assert answer.status_code == 302, path
                assert answer["Location"].startswith("/account/login/"), path


def test_no_get_writes(console: list[tuple[str, str]], manager: Client, app: App) -> None:
    """The connection refuses to write, so a GET that does would crash."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
    seen = {name: manager.get(path).status_code for name, path in console}
    assert set(seen.values()) <= {200, 204, 286, 302, 303, 404, 405, 410}
    assert seen["home"] == seen["account"] == 200
    assert seen["account-logout"] == 405


def test_fragments_are_only_read(console: list[tuple[str, str]], manager: Client) -> None:
    fragments = [path for _, path in console if path.rstrip("/").rsplit("/", 1)[-1].startswith("_")]
    assert "/_now/" in fragments
    assert {path: manager.post(path).status_code for path in fragments} == dict.fromkeys(
        fragments, 405
    )


def test_every_page_carries_the_strict_policy(
    console: list[tuple[str, str]], manager: Client
) -> None:
    for _, path in console:
        answer = manager.get(path)
        policy = answer.headers["Content-Security-Policy"]
        if "sandbox" in policy:
            assert "default-src 'none'" in policy, path
            continue
        assert "default-src 'self'" in policy, path
        assert "frame-ancestors 'none'" in policy, path
        assert "unsafe" not in policy, path


def test_what_is_not_there_says_so(manager: Client) -> None:
    answer = manager.get("/no/such/page/")
    assert answer.status_code == 404
    assert b"There is nothing here" in answer.content


def test_a_foreign_host_name_is_refused(client: Client) -> None:
    answer = client.get("/", headers={"host": "evil.example"})
    assert answer.status_code == 400


def test_debugging_is_off() -> None:
    assert django_settings.DEBUG is False

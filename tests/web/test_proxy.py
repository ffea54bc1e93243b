"""A console behind a proxy with TLS: who is believed, which cookies, which names."""

import http.client
import re
from contextlib import closing
from pathlib import Path

import pytest
from django.test import Client

from postroad.app import App
from postroad.settings import Settings
from postroad.web.django_settings import allowed_hosts
from postroad.web.proxy import seen_through

from .test_shell_serve import served

PASSWORD = "a-long-way-to-tipperary"
PROXIES = Settings(home=Path(), trusted_proxies="10.0.0.1, 192.168.7.0/24, ::1").proxies


def seen(peer: str, **headers: str) -> tuple[str, str]:
    environ = {"REMOTE_ADDR": peer, "wsgi.url_scheme": "http"}
    told = seen_through(environ | {f"HTTP_X_FORWARDED_{k}": v for k, v in headers.items()}, PROXIES)
    return told["REMOTE_ADDR"], told["wsgi.url_scheme"]


def test_a_proxy_that_was_named_is_believed() -> None:
    told = seen("10.0.0.1", FOR="203.0.113.9", PROTO="https")
    assert told == ("203.0.113.9", "https")
    assert seen("::1", FOR="2001:db8::7", PROTO="http") == ("2001:db8::7", "http")


def test_a_stranger_is_not() -> None:
    assert seen("10.0.0.2", FOR="127.0.0.1", PROTO="https") == ("10.0.0.2", "http")
    assert seen("", FOR="127.0.0.1", PROTO="https") == ("", "http")


def test_what_a_browser_writes_itself_changes_nothing() -> None:
    """Each proxy adds the address that it saw at the right end."""
    assert seen("10.0.0.1", FOR="127.0.0.1, 203.0.113.9, 192.168.7.4")[0] == "203.0.113.9"
    assert seen("10.0.0.1", FOR="'; --")[0] == "10.0.0.1"
    assert seen("10.0.0.1", PROTO="https, http")[1] == "http"


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(ValueError, match="proxy"):
        Settings(home=Path(), trusted_proxies="proxy.example.org")


def test_one_that_listens_everywhere_answers_to_its_own_names_alone() -> None:
    everywhere = Settings(home=Path(), host="0.0.0.0")
    assert allowed_hosts(everywhere) == ["*"]
    named = everywhere.model_copy(
        update={"hosts": "console.example.org,ops", "public_url": "https://mail.example.org"}
    )
    names = allowed_hosts(named)
    assert {"console.example.org", "ops", "mail.example.org", "127.0.0.1"} <= set(names)
    assert "*" not in names


def test_cookies_given_by_tls_are_for_tls_alone(app: App, client: Client) -> None:
    app.account.set_password(PASSWORD)
    for is_secure in (True, False):
        cookies = client.get("/account/login/", secure=is_secure, follow=True).cookies
        assert cookies
        assert {bool(cookie["secure"]) for cookie in cookies.values()} == {is_secure}


def ask(port: int, cookie: str = "", token: str = "") -> tuple[int, str, str]:
    """The status, the cookie that was given, and the page."""
    headers = {
        "Host": "console.example.org", "Origin": "https://console.example.org",
        "Referer": "https://console.example.org/account/login/", "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "203.0.113.9", "Cookie": cookie,
    }  # fmt: skip
    form = {"Content-Type": "application/x-www-form-urlencoded"} if cookie else {}
    body = f"csrfmiddlewaretoken={token}&password=wrong-one-it-is" if cookie else None
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        method = "POST" if cookie else "GET"
        connection.request(method, "/account/login/", body, headers | form)
        answer = connection.getresponse()
        return answer.status, str(answer.headers["Set-Cookie"]), answer.read().decode()


def signed_in_with_a_wrong_password(port: int) -> int:
    """403: the form is taken for a foreign one; 422: it is read, and the password is wrong."""
    _, cookie, shown = ask(port)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', shown)
    assert token is not None
    return ask(port, cookie.partition(";")[0], token[1])[0]


def test_a_form_comes_through_a_proxy_that_was_named_and_no_other(app: App) -> None:
    app.account.set_password(PASSWORD)
    told = {"POSTROAD_HOSTS": "console.example.org"}
    with served(app.settings, app.dsn, told) as (_, port, _):
        assert signed_in_with_a_wrong_password(port) == 403
    told |= {"POSTROAD_TRUSTED_PROXIES": "127.0.0.1"}
    with served(app.settings, app.dsn, told) as (_, port, _):
        assert "Secure" in ask(port)[1]
        assert signed_in_with_a_wrong_password(port) == 422

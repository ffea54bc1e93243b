"""A letter that never ends, grows without end or asks for what nobody has, through the pages.

It is refused where it is saved when that can be known, else it fails in the
preview and at Verify with its cause; the others are prepared, nothing is lost.
"""

import time
from html import unescape
from typing import Any

import pytest
from django.test import Client

from postroad.app import App
from postroad.testing.runs import Hand

from .working import Desk, counts

FORM = {"name": "L", "format": "html", "subject": "s"}
LOOP = "{% for i in range(n|int) %}{% for j in range(n|int) %}x{% endfor %}{% endfor %}"
GROW = "{% set a = name %}" + "{% set a = a ~ a %}" * 40 + "<p>{{ a }}</p>"
ENDLESS = "{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}"


def page(answer: Any) -> str:
    return unescape(answer.content.decode())


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("<p>Dear {{ name }", "line 1"),
        ("{{ name.__class__.__mro__ }}", "line 1"),
        ("{% include '/etc/passwd' %}", "line 1"),
        ("{{ 'x' * 50000000 }}", "line 1"),
        ("x" * (2 * 1024 * 1024 + 1), "larger than 2 MB"),
    ],
)
@pytest.mark.fault(16)
def test_what_can_be_known_is_refused_at_saving_and_what_was_typed_stays(
    source: str, said: str, manager: Client, app: App
) -> None:
    began = time.monotonic()
    answer = manager.post("/content/new/", FORM | {"source": source})
    assert answer.status_code == 422
    assert said in page(answer)
    assert source[:12] in page(answer)
    assert not app.contents.all()
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        (ENDLESS, "does too much"),
        (GROW, "too much"),
        ("<p>{{ salary }}</p>", "salary"),
        ("<p>{{ name }}</p>{{ 1 // 0 }}", "template"),
    ],
)
@pytest.mark.fault(16)
def test_what_shows_only_while_it_is_made_is_said_in_preview_and_at_verify(
    source: str, cause: str, manager: Client, app: App
) -> None:
    desk = Desk(manager)
    desk.post("/contacts/paste/", text="Ann <ann@x.org>, Bob <bob@x.org>")
    content = FORM | {"source": source}
    saved = manager.post("/content/new/", content)
    assert saved.status_code == 303, page(saved)
    assert cause in desk_page(desk, "/content/1/")
    audience = desk.post("/audiences/new/", name="All", kind="everyone")
    app.relays.put_sandbox(2525)
    campaign = desk.post(
        "/campaigns/new/", name="C", kind="personal", sender_address="me@x.org", content="1",
        audience=audience.strip("/").split("/")[1],
    )  # fmt: skip
    verified = desk.post(f"/runs/verify/{campaign.strip('/').split('/')[1]}/")
    with Hand(app.dsn) as hand:
        hand.select()
        hand.prepare()
        hand.advance()
    assert counts(app, verified) == {"failed": 2}
    report = desk_page(desk, f"{verified}report/")
    assert cause in report
    assert "Ann" in report, "the people are named"


@pytest.mark.fault(16)
def test_one_persons_data_may_fail_a_letter_and_the_others_are_prepared(
    manager: Client, app: App
) -> None:
    desk = Desk(manager)
    for name, n in (("Ann", "3"), ("Bob", "99999"), ("Cy", "4")):
        desk.post("/contacts/new/", address=f"{name}@x.org", name=name, attribute="n", value=n)
    desk.post("/content/new/", **FORM, source=f"<p>Dear {{{{ name }}}}</p>{LOOP}")
    desk.post("/audiences/new/", name="All", kind="everyone")
    app.relays.put_sandbox(2525)
    desk.post(
        "/campaigns/new/", name="C", kind="personal", sender_address="me@x.org", content="1",
        audience="1",
    )  # fmt: skip
    run = desk.post("/runs/verify/1/")
    with Hand(app.dsn) as hand:
        hand.select()
        hand.prepare()
        hand.advance()
    assert counts(app, run) == {"prepared": 2, "failed": 1}
    assert "Bob" in desk_page(desk, f"{run}report/")


def desk_page(desk: Desk, path: str) -> str:
    return unescape(desk.page(path))

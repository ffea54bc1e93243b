"""Lanes and their limits: the page, one lane's form, a domain that gets a lane of its own."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from postroad.app import App


def rows(statement: str, *arguments: int | str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        return list(cursor.fetchall())


def do(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def shown(manager: Client, path: str) -> str:
    answer = manager.get(path)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def test_a_lane_gets_limits_that_hold_at_once(manager: Client, app: App) -> None:
    text = shown(manager, "/limits/")
    assert "gmail.com, googlemail.com" in text
    assert "every domain that is in no other lane" in text
    form = shown(manager, "/limits/lanes/google/")
    assert "googlemail.com" in form
    typed = {"per_minute": "120", "at_once": "10", "per_day": "1000", "ramp_first": "100",
             "ramp_percent": "20"}  # fmt: skip
    for _ in range(2):
        assert manager.post("/limits/lanes/google/", typed).status_code == 303
    assert rows("SELECT kind, key, per_minute, at_once, per_day FROM bucket") == [
        ("lane", "google", 120, 10, 1000)
    ]
    assert rows("SELECT count(*) FROM journal WHERE kind = 'limits_changed'") == [(1,)]
    text = shown(manager, "/limits/")
    assert "120 mails a minute · 10 at once · 1,000 in any 24 hours" in text
    assert "of 100" in text, "the first day of the warm-up"
    assert manager.post("/limits/lanes/google/", {"per_minute": "0"}).status_code == 422
    assert manager.get("/limits/lanes/nothing/").status_code == 404


def test_a_domain_with_a_limit_gets_a_lane_of_its_own(manager: Client, app: App) -> None:
    typed = {"domain": "@Bücher.Example ", "per_minute": "6"}
    assert manager.post("/limits/domain/", typed).status_code == 303
    lane = "xn--bcher-kva.example"
    assert rows(
        "SELECT lane, promoted_at IS NOT NULL FROM lane_domain WHERE domain = %s", lane
    ) == [(lane, True)]
    assert rows("SELECT per_minute FROM bucket WHERE kind = 'lane' AND key = %s", lane) == [(6,)]
    assert "one domain with its own lane" in shown(manager, "/limits/")
    assert rows("SELECT kind FROM journal WHERE actor = 'manager' ORDER BY id DESC LIMIT 2") == [
        ("limits_changed",), ("lane_promoted",)
    ]  # fmt: skip
    assert 'value="6"' in shown(manager, f"/limits/lanes/{lane}/")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"domain": "gmail.com", "per_minute": "6"}, "gmail.com is in the lane google"),
        ({"domain": "no domain", "per_minute": "6"}, "This is no domain"),
        ({"domain": "example.org"}, "A lane of its own is for a limit"),
        ({"domain": "example.org", "per_minute": "-1"}, "A limit is a number from 1 on"),
        ({"domain": "", "per_minute": "6"}, "No domain is named"),
    ],
)
def test_a_domain_that_cannot_be_limited_says_why(
    manager: Client, typed: dict[str, str], said: str
) -> None:
    before = rows("SELECT count(*) FROM lane_domain")
    answer = manager.post("/limits/domain/", typed)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert rows("SELECT count(*) FROM lane_domain") == before
    assert rows("SELECT 1 FROM bucket") == []


def test_a_slowed_down_lane_and_a_used_up_one_are_told(manager: Client, app: App) -> None:
    do("SELECT slow_down_lane(77, 'yahoo', 2, '421 4.7.0 [TSS04] later')")
    do("SELECT set_bucket('lane', 'yahoo', NULL, 5)")
    do("UPDATE bucket SET blocked_until = now() + interval '2 hours' WHERE kind = 'lane'")
    text = shown(manager, "/limits/_lanes/")
    assert "421 4.7.0 [TSS04] later" in text
    assert "at a relay that is gone" in text
    assert "300 a minute" in text
    assert "used up, next" in text

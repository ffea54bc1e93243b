"""What comes to postroad.submit is read strictly; nothing that comes can raise."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroad.core.messages import (
    MAX_OCTETS,
    PUBLISHED,
    Accepted,
    DeadLetter,
    Event,
    Unfit,
    read_message,
    routing_key,
)

WHOLE: dict[str, Any] = {
    "v": 1, "id": "order 17", "campaign": 3, "address": "Ann@Example.org", "name": "Ann",
    "data": {"order": "17", "lines": [{"what": "tea", "price": 3.5}], "is_new": True},
}  # fmt: skip


def read(**changed: Any) -> DeadLetter | Accepted | Unfit:
    return read_message(json.dumps(WHOLE | changed).encode())


def test_a_submission_is_read_with_its_address_normalised() -> None:
    found = read()
    assert isinstance(found, Accepted)
    assert (found.address.address, found.address.key) == ("Ann@example.org", "ann@example.org")
    assert found.submission.data["lines"] == [{"what": "tea", "price": 3.5}]


def test_a_dead_letter_is_read() -> None:
    body = b'{"v":1,"run":7,"n":2,"attempt":1,"reason":"552 5.3.4"}'
    assert read_message(body) == DeadLetter(7, 2, 1, "552 5.3.4")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"address": "ann@"}, "The address has nothing after the @"),
        ({"address": "a@example.org\r\nBcc: b@example.org"}, "The address contains a line break"),
        ({"name": "Ann\r\nBcc: b@example.org"}, "The name contains a line break"),
        ({"id": ""}, "does not fit its schema"),
        ({"id": "x" * 201}, "does not fit its schema"),
        ({"id": "a\x00b"}, "The id contains a control character"),
        ({"campaign": "3"}, "does not fit its schema"),
        ({"campaign": 2**63}, "does not fit its schema"),
        ({"v": 2}, "does not fit its schema"),
        ({"surprise": 1}, "does not fit its schema"),
        ({"data": {"Order": "17"}}, "does not fit its schema"),
        ({"data": {"address": "b@example.org"}}, "data.address is a name of ours"),
        ({"data": {"order": "a\x00b"}}, "data.order contains a NUL character"),
        ({"data": {"order": {"a\x00b": 1}}}, "data.order contains a NUL character"),
        ({"data": {"order": "x" * 10_001}}, "data.order is longer than 10,000"),
        ({"data": {"order": [[[[[[[[[[1]]]]]]]]]]}}, "data.order is nested"),
        ({"data": {"order": ["x" * 9_999] * 7}}, f"more than {MAX_OCTETS:,} octets"),
    ],
)
def test_what_is_unfit_says_why(changed: dict[str, Any], said: str) -> None:
    found = read(**changed)
    assert isinstance(found, Unfit)
    assert said in found.text


@pytest.mark.parametrize(
    "body",
    [b"", b"17", b"[]", b"null", b"\xff\xfe", b'{"campaign": ' + b"[" * 5000, b'{"run": 7}',
     b'{"run": 7, "n": 0, "attempt": 1}', b'{"run": 7, "n": 1, "attempt": 40000}',
     b'{"run": 7, "n": 1, "attempt": 1, "reason": "\\ud800"}',
     b'{"id": "\\ud800", "campaign": 1, "address": "a@example.org"}'],
)  # fmt: skip
def test_what_is_no_message_is_unfit(body: bytes) -> None:
    assert isinstance(read_message(body), Unfit)


@given(st.binary(max_size=200))
def test_nothing_raises(body: bytes) -> None:
    read_message(body)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
    st.sampled_from(["id", "campaign", "address", "name", "data", "v", "new"]),
)
def test_no_value_anywhere_raises(value: Any, field: str) -> None:
    read(**{field: value})


@pytest.mark.parametrize(
    ("about", "key"),
    [
        ({"kind": "accepted", "run": 1, "n": 2, "attempt": 1}, "delivery.accepted"),
        ({"kind": "stopped", "run": 1}, "run.stopped"),
        ({"kind": "submitted", "run": 1}, "run.submitted"),
        ({"kind": "reaped", "run": 1}, "worker.reaped"),
        ({"kind": "relay_stopped"}, "relay.relay_stopped"),
        ({"kind": "message_refused"}, "queue.message_refused"),
    ],
)
def test_an_event_is_routed_by_what_it_is_about(about: dict[str, Any], key: str) -> None:
    event = Event(v=1, position=1, at=datetime(2026, 1, 1, tzinfo=UTC), **about)
    assert routing_key(event) == key


def test_what_the_manager_does_to_people_is_never_published() -> None:
    assert {"accepted", "stopped", "requeued", "submitted"} <= {*PUBLISHED}
    assert not {"contact_added", "contacts_entered", "settings_changed"} & {*PUBLISHED}

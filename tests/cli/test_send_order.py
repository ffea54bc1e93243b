from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from postroad.cli.send_order import (
    read_defaults,
    read_file,
    read_mailbox,
    read_people,
    read_relay,
    read_source,
    read_when,
)
from postroad.cli.starting import Refusal
from postroad.core.launching import At, Now
from postroad.core.relay import RelayFields, relay_faults


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "user"),
    [
        ("smtp://me%40x:pw@mail.example.org", "mail.example.org", 587, "starttls", "me@x"),
        ("smtp://127.0.0.1:2525", "127.0.0.1", 2525, "none", ""),
        ("smtps://me:pw@mail.example.org/", "mail.example.org", 465, "implicit", "me"),
        ("smtp+starttls://me:pw@[::1]:99", "::1", 99, "starttls", "me"),
    ],
)
def test_a_relay_is_read_from_its_address(
    url: str, host: str, port: int, tls: str, user: str
) -> None:
    relay = read_relay(url, None)
    assert relay is not None
    assert (relay.host, relay.port, relay.tls, relay.user) == (host, port, tls, user)
    assert relay.password == ("pw" if user else "")
    assert not relay_faults(relay)


def test_the_password_of_the_environment_goes_first_and_nothing_shows_it() -> None:
    relay = read_relay("smtps://me:in-the-url@mail.example.org", "from-outside")
    assert relay is not None
    assert relay.password == "from-outside"
    assert "from-outside" not in repr(relay)


@pytest.mark.parametrize(
    "url",
    ["mail.example.org", "http://x:hidden@y", "smtp://", "smtp://u:hidden@h:port", "smtp://h/x"],
)
def test_what_is_no_relay_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(Refusal, match="smtp://user@host:587") as refusal:
        read_relay(url, None)
    assert "hidden" not in str(refusal.value)


@given(st.text())
@example("smtp://[x")
def test_any_text_is_a_relay_or_refused(url: str) -> None:
    try:
        relay = read_relay(url, None)
    except Refusal:
        return
    assert relay is None or isinstance(relay, RelayFields)


def test_people_are_a_file_or_written_out(tmp_path: Path) -> None:
    file = tmp_path / "a@b.csv"
    file.write_text("e-mail\n")
    assert read_people(str(file)) == file
    assert read_people("Bo <bo@example.org>") == "Bo <bo@example.org>"
    with pytest.raises(Refusal, match=r"There is no file people\.csv"):
        read_people("people.csv")


def test_the_sender_is_one_mailbox() -> None:
    assert read_mailbox("") == ("", "")
    assert read_mailbox("Ann Lee <ann@example.org>") == ("Ann Lee", "ann@example.org")
    for text in ("Ann", "a@example.org, b@example.org"):
        with pytest.raises(Refusal, match=r"Ann Lee <ann@example\.org>"):
            read_mailbox(text)


def test_a_time_is_that_of_the_clocks_in_the_zone() -> None:
    assert read_when("", "UTC") == Now()
    at = read_when("2026-12-01 09:00", "Europe/Berlin")
    assert at == At(datetime(2026, 12, 1, 9, 0), "Europe/Berlin")  # noqa: DTZ001 - a local time.
    for text in ("tomorrow", datetime(2026, 12, 1, tzinfo=UTC).isoformat()):
        with pytest.raises(Refusal):
            read_when(text, "UTC")


def test_defaults_are_pairs() -> None:
    assert read_defaults(["company=your team", "x="]) == {"company": "your team", "x": ""}
    with pytest.raises(Refusal, match="company='your team'"):
        read_defaults(["company"])


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"letter .* cannot be read"):
        read_source(tmp_path / "none.md")
    with pytest.raises(Refusal, match="cannot be read"):
        read_file(tmp_path)
    (tmp_path / "letter.docx").write_bytes(b"PK")
    with pytest.raises(Refusal, match=r"\.html, \.md or \.txt"):
        read_source(tmp_path / "letter.docx")
    (tmp_path / "cv.pdf").write_bytes(b"%PDF")
    assert read_file(tmp_path / "cv.pdf").media_type == "application/pdf"

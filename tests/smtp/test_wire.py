"""Dot-stuffing, and commands that cannot be broken out of."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroad.core.mail import Mail
from postroad.engine.smtp.features import Features, features_of
from postroad.engine.smtp.wire import Stuffer, UnsendableError, dot_stuffed, envelope_of

ALL = Features(pipelining=True, size=0, eight_bit=True, smtputf8=True)
lines = st.lists(st.sampled_from([b"", b".", b"..", b".a", b"a.b", b"text", b"\xff."]), max_size=8)


def unstuffed(octets: bytes) -> bytes:
    """As RFC 5321, 4.5.2 tells the receiver."""
    rows = octets.split(b"\r\n")
    return b"\r\n".join(row[1:] if row.startswith(b".") else row for row in rows)


@given(st.lists(lines, min_size=1, max_size=4))
def test_what_is_stuffed_comes_back_and_holds_no_lone_dot(content: list[list[bytes]]) -> None:
    pieces = tuple(b"".join(line + b"\r\n" for line in rows) for rows in content)
    wire = b"".join(piece.octets for piece in Stuffer().stuff(pieces))
    assert unstuffed(wire) == b"".join(pieces)
    assert b".\r\n" not in [row + b"\r\n" for row in wire.split(b"\r\n")]


@given(st.lists(st.sampled_from([b"\r", b"\n", b".", b"a", b"\r\n"]), max_size=12).map(b"".join))
def test_content_never_holds_an_end_that_any_server_could_see(octets: bytes) -> None:
    piece = octets + b"\r\n"
    try:
        wire = dot_stuffed(piece).octets
    except UnsendableError:
        return
    assert not re.search(rb"(?:^|[\r\n])\.(?:\r|\n)", wire)


def test_a_shared_tail_is_looked_at_once() -> None:
    stuffer = Stuffer()
    tail = b".x\r\n" * 1000
    first = stuffer.stuff((b"a\r\n", tail))
    second = stuffer.stuff((b"b\r\n", tail))
    assert first[-1] is second[-1]
    assert stuffer.stuff((b"b\r\n", b"other\r\n"))[-1].octets == b"other\r\n"


def test_an_untouched_piece_is_not_copied() -> None:
    piece = b"text.\r\n" * 1000
    assert dot_stuffed(piece).octets is piece


@given(st.text(max_size=30), st.text(max_size=30))
def test_whatever_the_addresses_each_command_is_one_line(sender: str, recipient: str) -> None:
    mail = Mail(1, f"{sender}@example.com", f"{recipient}@example.org", (), 1)
    try:
        commands = envelope_of(mail, ALL, is_ascii=True)
    except UnsendableError:
        return
    for command in commands:
        assert command.endswith(b"\r\n")
        assert len(command.decode().splitlines()) == 1
        assert command.count(b">") == 1 or b'"' in command


@pytest.mark.parametrize("address", ['"a b"@example.org', "a+b@example.org", "o'hara@[127.0.0.1]"])
def test_ordinary_and_quoted_addresses_are_sendable(address: str) -> None:
    mail = Mail(1, address, address, (), 1)
    sender, recipient = envelope_of(mail, Features(), is_ascii=True)
    assert sender == f"MAIL FROM:<{address}>\r\n".encode()
    assert recipient == f"RCPT TO:<{address}>\r\n".encode()


def test_the_empty_return_path_is_sendable() -> None:
    sender, _ = envelope_of(Mail(1, "", "a@example.org", (), 7), ALL, is_ascii=False)
    assert sender == b"MAIL FROM:<> SIZE=7 BODY=8BITMIME\r\n"


@given(st.lists(st.text(max_size=20), max_size=8))
def test_any_announcement_can_be_read(announced: list[str]) -> None:
    features_of(("relay.example", *announced))


def test_an_announcement_is_read_without_regard_to_case() -> None:
    found = features_of(("hi", "pipelining", "size 1000", "AUTH=LOGIN", "auth plain", "Chunking"))
    assert found == Features(
        pipelining=True, size=1000, chunking=True, auth=frozenset({"LOGIN", "PLAIN"})
    )
    assert features_of(("hi", "SIZE")).size == 0
    assert features_of(("hi", "SIZE -5")).size == 0
    assert features_of(("PIPELINING",)).pipelining is False

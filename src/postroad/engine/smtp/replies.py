"""From octets to replies (RFC 5321, 4.2), for whatever a server may send."""

import re
from dataclasses import dataclass

from postroad.core.outcome import Reply

LONGEST_LINE = 4096
"""Octets. RFC 5321 allows 512; servers with long explanations send more."""
LONGEST_REPLY = 64 * 1024
"""Octets of a reply of many lines."""

_LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ -])(.*))?", re.DOTALL)
_ENHANCED = re.compile(r"([245]\.[0-9]{1,3}\.[0-9]{1,3})(?: +|$)")
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Garbage:
    """What came is no reply; nothing that follows can be trusted."""

    text: str


@dataclass(frozen=True, slots=True)
class Received:
    """A reply, and its lines without their codes (the EHLO answer needs them)."""

    reply: Reply
    lines: tuple[str, ...]


def harmless(text: str) -> str:
    """The text with every character replaced that could forge or hide a log line."""
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", text)


class ReplyParser:
    """Takes octets as they come, cut anywhere; gives whole replies in order.

    After garbage it gives nothing more: the dialogue has lost its place.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._lines: list[bytes] = []
        self._code = b""
        self._octets = 0
        self._is_lost = False
        self._known: dict[bytes, Received] = {}

    @property
    def is_between_replies(self) -> bool:
        """Nothing is half read."""
        return not self._rest and not self._lines

    def feed(self, data: bytes) -> list[Received | Garbage]:
        if self._is_lost:
            return []
        return self._take_lines(data)

    def _take_lines(self, data: bytes) -> list[Received | Garbage]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        found: list[Received | Garbage] = []
        for line in lines:
            one = self._take(line.removesuffix(b"\r"))
            if one is not None:
                found.append(one)
            if self._is_lost:
                return found
        if len(self._rest) > LONGEST_LINE:
            found.append(self._give_up(self._rest))
        return found

    def _take(self, line: bytes) -> Received | Garbage | None:
        if not self._lines and (known := self._known.get(line)):
            return known
        match = _LINE.fullmatch(line)
        self._octets += len(line)
        if match is None or len(line) > LONGEST_LINE or self._octets > LONGEST_REPLY:
            return self._give_up(line)
        code, separator, text = match.groups()
        if self._lines and code != self._code:
            return self._give_up(line)
        self._code = code
        self._lines.append(text or b"")
        return None if separator == b"-" else self._finish(line)

    def _finish(self, line: bytes) -> Received:
        received = _received(int(self._code), self._lines)
        if len(self._lines) == 1:
            self._remember(line, received)
        self._lines = []
        self._octets = 0
        return received

    def _remember(self, line: bytes, received: Received) -> None:
        """Most lines of a session are alike ("250 2.1.5 Ok"): parsed once."""
        if len(self._known) > 64:
            self._known.clear()
        self._known[line] = received

    def _give_up(self, line: bytes) -> Garbage:
        self._is_lost = True
        self._rest = b""
        return Garbage(harmless(line[:120].decode("utf-8", "replace")))


def _received(code: int, raw: list[bytes]) -> Received:
    lines = tuple(harmless(line.decode("utf-8", "replace")) for line in raw)
    match = _ENHANCED.match(lines[0])
    enhanced = match[1] if match and match[1][0] == str(code)[0] else ""
    texts = (line.removeprefix(enhanced).strip() if enhanced else line.strip() for line in lines)
    return Received(Reply(code, enhanced, " ".join(text for text in texts if text)), lines)

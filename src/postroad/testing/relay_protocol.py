"""The server's side of one connection of the fake relay."""

import asyncio
import base64
import binascii
import enum
import hashlib
import re
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from postroad.core.outcome import Phase
from postroad.testing.relay_log import Event, RelayLog
from postroad.testing.relay_script import Act, Faults, Rule, Script

_MESSAGE_ID = re.compile(rb"^message-id:[ \t]*(?:\r\n[ \t]+)?(\S+)", re.IGNORECASE | re.MULTILINE)
_PATH = re.compile(r"<([^>]*)>")
_SIZE = re.compile(r" SIZE=(\d+)", re.IGNORECASE)
_TRANSACTION = (Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.DOT)
GARBAGE = b"\x00\xffthis is no reply\r\n"


class Mode(enum.Enum):
    COMMAND = "a command line comes next"
    CONTENT = "content until the dot comes next"
    SIGN_IN = "a line of a sign-in comes next"
    ENDED = "nothing is read any more"


@dataclass(slots=True)
class Ground:
    """What all connections of one relay share."""

    script: Script
    faults: Faults
    log: RelayLog
    keep: Path | None
    tls: ssl.SSLContext | None
    connections: Iterator[int]
    transactions: Iterator[int]
    open: set["RelayProtocol"]


class RelayProtocol(asyncio.Protocol):
    """Reads commands one at a time; `_is_held` while an answer is being delayed."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._answers = bytearray()
        """Sent together when nothing more can be read just now."""
        self._searched = 0
        self._mode = Mode.COMMAND
        self._is_held = False
        self._sign_in: list[str] = []
        self._is_signed_in = not ground.script.user
        self._is_secure = ground.script.is_tls_implicit
        self._connection = next(ground.connections)
        self._forget()
        self._tasks: set[asyncio.Task[None]] = set()

    def _forget(self) -> None:
        self._transaction = 0
        self._began_at = 0.0
        self._is_told = False
        self._recipient = ""
        self._is_ahead = False
        self._has_sender = False
        self._has_recipient = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._ground.open.add(self)
        self._step(Phase.BANNER, "220 relay.example ESMTP fake relay", lambda: None)
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's name)
        self._mode = Mode.ENDED
        self._ground.open.discard(self)
        self._tell_begun()
        self._ground.log.write(Event("closed", time.time(), self._connection, 0))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._pump()

    def drop(self) -> None:
        """Cut; what was answered before goes out."""
        self._flush()
        self._mode = Mode.ENDED
        if self._transport is not None:
            self._transport.abort()

    # Reading.

    def _pump(self) -> None:
        taken = True
        while taken and not self._is_held and self._mode is not Mode.ENDED:
            taken = self._take_content() if self._mode is Mode.CONTENT else self._take_line()
        self._flush()

    def _take_line(self) -> bool:
        end = self._buffer.find(b"\n")
        if end < 0:
            return False
        line = bytes(self._buffer[: end + 1]).decode("utf-8", "replace").rstrip("\r\n")
        del self._buffer[: end + 1]
        if self._mode is Mode.SIGN_IN:
            self._signed(line)
        else:
            self._command(line)
        return True

    def _take_content(self) -> bool:
        if self._buffer.startswith(b".\r\n"):
            end, after = 0, 3
        else:
            end = self._buffer.find(b"\r\n.\r\n", max(0, self._searched - 4)) + 2
            after = end + 3
        if end == 1:
            self._searched = len(self._buffer)
            return False
        content = bytes(self._buffer[:end])
        del self._buffer[:after]
        self._searched = 0
        self._mode = Mode.COMMAND
        self._content(content)
        return True

    # Commands.

    def _command(self, line: str) -> None:
        verb = line[:4].upper()
        match verb:
            case "EHLO" | "HELO":
                self._greet(verb)
            case "STAR":
                self._step(Phase.STARTTLS, "220 2.0.0 Go ahead", self._start_tls)
            case "AUTH":
                mechanism, _, response = line[5:].partition(" ")
                self._sign_in = [mechanism.upper()]
                self._signed(response)
            case "MAIL":
                self._mail(line)
            case "RCPT":
                self._rcpt(line)
            case "DATA":
                self._data()
            case "RSET":
                self._tell_begun()
                self._forget()
                self._say("250 2.0.0 Ok")
            case "QUIT":
                self._mode = Mode.ENDED
                self._say("221 2.0.0 Bye")
                self._close()
            case _:
                self._say("500 5.5.2 Not understood")

    def _greet(self, verb: str) -> None:
        script = self._ground.script
        if verb == "HELO" or not script.is_ehlo_known:
            known = verb == "HELO"
            self._say("250 relay.example" if known else "502 5.5.1 Not implemented")
            return
        lines = ["relay.example", *script.announce]
        if script.certificate and not self._is_secure:
            lines.append("STARTTLS")
        if script.user:
            lines.append("AUTH " + " ".join(script.mechanisms))
        *front, last = lines
        self._step(
            Phase.EHLO, "\n".join([*(f"250-{x}" for x in front), f"250 {last}"]), lambda: None
        )

    def _start_tls(self) -> None:
        self._is_held = True
        task = self._loop.create_task(self._upgrade())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _upgrade(self) -> None:
        assert self._ground.tls is not None
        assert self._transport is not None
        try:
            transport = await self._loop.start_tls(
                self._transport, self, self._ground.tls, server_side=True
            )
        except (OSError, ssl.SSLError):
            self.drop()
            return
        self._transport = transport
        self._is_secure = True
        self._is_held = False
        self._pump()

    def _signed(self, line: str) -> None:
        """Collects mechanism, user, password; '334' while something is missing."""
        if line:
            self._sign_in.append(line)
        mechanism, *given = self._sign_in
        wanted = 1 if mechanism == "PLAIN" else 2
        self._mode = Mode.COMMAND if len(given) == wanted else Mode.SIGN_IN
        if self._mode is Mode.SIGN_IN:
            self._say(
                "334 "
                + ("", "VXNlcm5hbWU6", "UGFzc3dvcmQ6")[0 if wanted == 1 else len(self._sign_in)]
            )
            return
        script = self._ground.script
        said = "".join(_decoded(part) for part in given)
        right = (f"\0{script.user}\0{script.password}", f"{script.user}{script.password}")
        if said == right[wanted - 1]:
            self._step(Phase.AUTH, "235 2.7.0 Welcome", self._let_in)
        else:
            self._step(Phase.AUTH, "535 5.7.8 Wrong user name or password", lambda: None)

    def _let_in(self) -> None:
        self._is_signed_in = True

    def _mail(self, line: str) -> None:
        self._tell_begun()
        self._forget()
        self._transaction = next(self._ground.transactions)
        self._began_at = time.time()
        self._is_ahead = bool(self._buffer)
        size = _SIZE.search(line)
        limits = [int(x.split()[1]) for x in self._ground.script.announce if x.startswith("SIZE ")]
        if not self._is_signed_in:
            self._say("530 5.7.0 Sign in first")
        elif size and limits and 0 < limits[0] < int(size[1]):
            self._say("552 5.3.4 Too big")
        else:
            self._step(Phase.MAIL, "250 2.1.0 Ok", self._add_sender)

    def _add_sender(self) -> None:
        self._has_sender = True

    def _rcpt(self, line: str) -> None:
        path = _PATH.search(line)
        self._recipient = path[1] if path else ""
        self._tell_begun()
        if not self._has_sender:
            self._say("503 5.5.1 MAIL first")
        else:
            self._step(Phase.RCPT, "250 2.1.5 Ok", self._add_recipient)

    def _add_recipient(self) -> None:
        self._has_recipient = True

    def _data(self) -> None:
        if self._has_recipient or self._ground.script.answers_data_always:
            self._step(Phase.DATA, "354 Go ahead", self._expect_content)
        else:
            self._say("503 5.5.1 No valid recipients")

    def _expect_content(self) -> None:
        self._mode = Mode.CONTENT

    def _content(self, content: bytes) -> None:
        plain = content.replace(b"\r\n..", b"\r\n.")
        plain = plain.removeprefix(b".") if plain.startswith(b"..") else plain
        if not self._has_recipient:
            self._record("empty", plain)
            self._say("554 5.5.1 No valid recipients")
            return
        self._whole(plain)

    def _whole(self, plain: bytes) -> None:
        rule = self._ground.faults.at(Phase.DOT, self._transaction, self._recipient)
        self._record("accepted" if rule is None or rule.takes_over else "received", plain)
        if rule is not None and rule.act in (Act.DROP, Act.SILENCE, Act.GARBAGE):
            self._ground.log.write(
                Event("unsaid", time.time(), self._connection, self._transaction)
            )
        number = self._transaction
        self._forget()
        self._play(Phase.DOT, rule, f"250 2.0.0 Ok: queued as {number}", lambda: None)

    # Recording.

    def _tell_begun(self) -> None:
        if self._transaction and not self._is_told:
            self._is_told = True
            self._ground.log.write(
                Event(
                    "begun",
                    self._began_at,
                    self._connection,
                    self._transaction,
                    self._recipient,
                    is_ahead=self._is_ahead,
                )
            )

    def _record(self, event: str, content: bytes) -> None:
        head = content[: content.find(b"\r\n\r\n") + 2] or content
        found = _MESSAGE_ID.search(head)
        message_id = found[1].decode("utf-8", "replace") if found else ""
        if self._ground.keep is not None:
            (self._ground.keep / f"{self._transaction}.eml").write_bytes(content)
        self._ground.log.write(
            Event(
                event,
                time.time(),
                self._connection,
                self._transaction,
                self._recipient,
                message_id,
                hashlib.sha256(content).hexdigest(),
                len(content),
                is_ahead=bool(self._buffer),
            )
        )

    # Answering.

    def _step(self, phase: Phase, good: str, then: Callable[[], None]) -> None:
        number = self._transaction if phase in _TRANSACTION else self._connection
        self._play(phase, self._ground.faults.at(phase, number, self._recipient), good, then)

    def _play(self, phase: Phase, rule: Rule | None, good: str, then: Callable[[], None]) -> None:
        delay = self._ground.script.delays.get(phase, 0.0)
        if rule is not None and rule.act is not Act.DRIP:
            delay = rule.delay or delay
        if delay:
            self._is_held = True
            self._loop.call_later(delay, self._late, rule, good, then)
        else:
            self._act(rule, good, then)

    def _late(self, rule: Rule | None, good: str, then: Callable[[], None]) -> None:
        self._is_held = False
        if self._mode is not Mode.ENDED:
            self._act(rule, good, then)
            self._pump()

    def _act(self, rule: Rule | None, good: str, then: Callable[[], None]) -> None:
        match rule.act if rule else Act.REPLY:
            case Act.DROP:
                self.drop()
            case Act.SILENCE:
                self._is_held = True
            case Act.GARBAGE:
                self._write(GARBAGE)
            case Act.DRIP:
                self._is_held = True
                self._drip((good + "\n").replace("\n", "\r\n").encode(), rule, then)
            case Act.REPLY:
                self._reply(rule.reply if rule and rule.reply else good, good, then)

    def _reply(self, reply: str, good: str, then: Callable[[], None]) -> None:
        self._say(reply)
        if reply[0] == good[0]:
            then()
        elif reply.startswith("421"):
            self._mode = Mode.ENDED
            self._close()

    def _drip(self, octets: bytes, rule: Rule | None, then: Callable[[], None]) -> None:
        assert rule is not None
        self._write(octets[:1])
        self._flush()
        if len(octets) > 1:
            self._loop.call_later(rule.delay, self._drip, octets[1:], rule, then)
            return
        self._is_held = False
        then()
        self._pump()

    def _say(self, text: str) -> None:
        self._write((text + "\n").replace("\n", "\r\n").encode())

    def _write(self, octets: bytes) -> None:
        self._answers += octets

    def _flush(self) -> None:
        if self._answers and self._transport is not None:
            self._transport.write(bytes(self._answers))
            self._answers.clear()

    def _close(self) -> None:
        self._flush()
        if self._transport is not None:
            self._transport.close()


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""

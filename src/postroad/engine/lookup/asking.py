"""One question to a look-up, by HTTP or to a program: time-boxed, and it never raises.

The question is one JSON object, as the body of a POST or on the standard input:
message_id (without angle brackets), recipient, relay, at (RFC 3339). The answer is the
first line of the body, or of the standard output: sent, not sent, or unknown.
HTTP/1.0, so that the answer ends with the connection; redirects are not followed,
since only the host that the manager named is trusted.
"""

import asyncio
import json
import os
import signal
import ssl
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

from postroad.core.lookup import Heard, is_address, lookup_fault, read_answer, silent

MOST_OCTETS: Final = 16_384
"""Of an answer; what is longer is none."""


@dataclass(frozen=True, slots=True)
class Question:
    """`programs` None: no directory for them is known here."""

    message_id: str
    recipient: str
    relay: str
    at: datetime

    def encoded(self) -> bytes:
        return json.dumps(
            {
                "message_id": self.message_id,
                "recipient": self.recipient,
                "relay": self.relay,
                "at": self.at.isoformat(),
            }
        ).encode()


async def ask(
    hook: str, question: Question, programs: Path | None, ca_file: str, seconds: float
) -> Heard:
    """`ca_file`: an extra trusted authority, '' for the system's."""
    if not hook:
        return silent("is not set at the relay")
    if lookup_fault(hook):
        return silent("is set wrongly at the relay")
    try:
        async with asyncio.timeout(seconds):
            if is_address(hook):
                return await _ask_host(urlsplit(hook), question, ca_file)
            return await _ask_program(hook, question, programs)
    except TimeoutError:
        return silent(f"did not answer within {seconds:g} s")
    except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        return silent(f"could not be asked ({type(error).__name__})")


async def _ask_host(url: SplitResult, question: Question, ca_file: str) -> Heard:
    context = _trust(ca_file) if url.scheme == "https" else None
    port = url.port or (443 if context else 80)
    reader, writer = await asyncio.open_connection(url.hostname, port, ssl=context)
    try:
        writer.write(_request(url, question.encoded()))
        await writer.drain()
        raw = await _all_of(reader)
    finally:
        writer.transport.abort()
    head, _, body = raw.partition(b"\r\n\r\n")
    status = head.split(b"\r\n", 1)[0].split(b" ")
    if len(status) < 2 or not status[0].startswith(b"HTTP/") or not status[1].isdigit():
        return silent("answered with something else than HTTP")
    if status[1] != b"200":
        return silent(f"answered with status {status[1][:3].decode()}")
    return read_answer(body.decode("utf-8", "replace"))


def _trust(ca_file: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    return context


def _request(url: SplitResult, body: bytes) -> bytes:
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    head = (
        f"POST {path} HTTP/1.0\r\nHost: {url.netloc}\r\nContent-Type: application/json\r\n"
        f"Accept: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii") + body


async def _all_of(reader: asyncio.StreamReader) -> bytes:
    """To the end, in whatever pieces it comes. ValueError where it is too long."""
    raw = bytearray()
    while piece := await reader.read(MOST_OCTETS):
        raw += piece
        if len(raw) > MOST_OCTETS:
            raise ValueError
    return bytes(raw)


async def _ask_program(name: str, question: Question, programs: Path | None) -> Heard:
    path = programs / name if programs else None
    if path is None or not path.is_file() or not os.access(path, os.X_OK):
        return silent(f"names a program, {name}, that is not there on this host")
    process = await asyncio.create_subprocess_exec(
        path,
        stdin=PIPE,
        stdout=PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PATH": os.defpath},
        start_new_session=True,
    )
    if process.stdin is None or process.stdout is None:
        raise OSError
    try:
        said, code = await _talk(process, process.stdin, process.stdout, question.encoded())
    finally:
        await _end(process, process.stdin, process.stdout)
    if code != 0:
        return silent(f"ended with code {code}")
    return read_answer(said.decode("utf-8", "replace"))


async def _talk(
    process: Process, asked: asyncio.StreamWriter, said: asyncio.StreamReader, question: bytes
) -> tuple[bytes, int]:
    with suppress(ConnectionError):  # It need not read what it does not want.
        asked.write(question + b"\n")
        await asked.drain()
    asked.close()
    return await _all_of(said), await process.wait()


async def _end(process: Process, asked: asyncio.StreamWriter, said: asyncio.StreamReader) -> None:
    """With what it started itself. Its output is read off, or the pipe would stay open."""
    asked.close()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(TimeoutError):
        async with asyncio.timeout(1):
            while await said.read(MOST_OCTETS):
                pass
    await process.wait()

"""One question to a look-up: trusted hosts only, time-boxed, and nothing left behind."""

import asyncio
import os
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from postroad.core.lookup import Heard, LookupAnswer
from postroad.engine.lookup.asking import Question, ask
from postroad.testing.certificates import make_certificates

pytestmark = pytest.mark.asyncio
QUESTION = Question("abc@example.org", "ann@example.org", "Near", datetime(2026, 3, 1, tzinfo=UTC))
Serve = Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def a_host(serve: Serve, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        try:
            await serve(writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(take, "127.0.0.1", 0, ssl=context) as server:
        yield server.sockets[0].getsockname()[1]


async def says_sent(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.0 200 OK\r\n\r\nsent\n")
    await writer.drain()


async def asked(
    hook: str, programs: Path | None = None, ca_file: str = "", seconds: float = 5
) -> Heard:
    return await ask(hook, QUESTION, programs, ca_file, seconds)


async def test_a_host_is_believed_by_the_relays_own_authority_only(tmp_path: Path) -> None:
    made = make_certificates(tmp_path, datetime.now(UTC))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.valid)
    async with a_host(says_sent, context) as port:
        url = f"https://localhost:{port}/"
        heard = await asked(url, ca_file=str(made.authority))
        assert heard.answer is LookupAnswer.SENT
        heard = await asked(url)
        assert heard.answer is LookupAnswer.UNKNOWN
        assert "could not be asked (SSLCertVerificationError)" in heard.said


async def test_a_host_that_drips_is_left_in_time() -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with a_host(drip) as port:
        heard = await asked(f"http://127.0.0.1:{port}/", seconds=0.3)
    assert heard == Heard(LookupAnswer.UNKNOWN, "The look-up did not answer within 0.3 s.")


async def test_an_answer_without_end_is_none() -> None:
    async def flood(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.0 200 OK\r\n\r\nsent\n")
        while True:
            writer.write(b"x" * 4096)
            await writer.drain()

    async with a_host(flood) as port:
        heard = await asked(f"http://127.0.0.1:{port}/")
    assert heard.answer is LookupAnswer.UNKNOWN


async def test_nobody_at_home_is_no_answer() -> None:
    async with a_host(says_sent) as port:
        pass
    heard = await asked(f"http://127.0.0.1:{port}/")
    assert heard.said == "The look-up could not be asked (ConnectionRefusedError)."


async def test_a_program_sees_none_of_our_settings_and_ends_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    seen = tmp_path / "seen"
    program = tmp_path / "ask-relay"
    program.write_text(f"#!/bin/sh\nenv > {seen}\nsleep 300 &\necho $! >> {seen}.child\nwait\n")
    program.chmod(0o755)
    heard = await asked("ask-relay", tmp_path, seconds=1)
    assert heard.said == "The look-up did not answer within 1 s."
    assert "secret" not in seen.read_text()
    child = int((tmp_path / "seen.child").read_text())
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == "zombie"


@pytest.mark.parametrize("name", ["not-there", "a-directory", "not-executable"])
async def test_a_program_that_cannot_be_run_is_no_answer(tmp_path: Path, name: str) -> None:
    (tmp_path / "a-directory").mkdir()
    (tmp_path / "not-executable").write_text("#!/bin/sh\necho sent\n")
    heard = await asked(name, tmp_path)
    assert heard.said == f"The look-up names a program, {name}, that is not there on this host."
    assert (await asked(name, None)).answer is LookupAnswer.UNKNOWN


async def test_what_is_no_program_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "broken").write_bytes(os.urandom(64))
    (tmp_path / "broken").chmod(0o755)
    assert "could not be asked" in (await asked("broken", tmp_path)).said
    assert "set wrongly" in (await asked("../broken", tmp_path / "in")).said

"""What the relay of the pictures replies."""

from collections.abc import Callable
from datetime import datetime

from postroad.testing.runs import Fact, accepted

EHLO = "ehlo 250 relay.example\nmail 250 2.1.0 Ok\nrcpt 250 2.1.5 Ok\ndata 354 Go ahead\n"
Make = Callable[[], Fact]


def answer(
    faults: dict[int, Make], every: int = 0, at: datetime | None = None
) -> Callable[[int], Fact]:
    """Of recipient n the reply `faults` has for n, or for n modulo `every`; else 250."""
    when = {} if at is None else {"at": at.isoformat()}

    def reply(n: int) -> Fact:
        make = faults.get(n % every if every else n)
        fact = make() if make else accepted(n) | {"dialogue": EHLO + "dot 250 2.0.0 Ok"}
        return fact | when

    return reply


def _refused(kind: str, phase: str, reply: str, before: str) -> Fact:
    code, enhanced, _ = reply.split(" ", 2)
    return {
        "kind": kind, "code": int(code), "enhanced": enhanced, "text": reply, "phase": phase,
        "dialogue": f"{before}{phase} {reply}",
    }  # fmt: skip


_UP_TO_MAIL = "".join(EHLO.splitlines(keepends=True)[:2])


def busy() -> Fact:
    return _refused("deferred", "rcpt", "451 4.7.1 Greylisted, come back later", _UP_TO_MAIL)


def full() -> Fact:
    return _refused("deferred", "rcpt", "452 4.2.2 Mailbox over its quota", _UP_TO_MAIL)


def rejected() -> Fact:
    return _refused("rejected", "rcpt", "550 5.1.1 Nobody of that name here", _UP_TO_MAIL)


def dead() -> Fact:
    return _refused("dead", "dot", "552 5.3.4 Message too big for this mailbox", EHLO)


def lost() -> Fact:
    return {
        "kind": "unknown", "text": "The connection was lost behind the final dot.",
        "phase": "dot", "dialogue": EHLO,
    }  # fmt: skip

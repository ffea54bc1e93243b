"""The dry run's report: causes with people, sizes, and mails read back from the kept bytes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Final

import zstandard

from postroad.core.ids import RunId
from postroad.store.rows import Row, row, rows

_MOST_FAILURES: Final = 2_000
_MOST_OMISSIONS: Final = 20_000
_SIZED_BATCHES: Final = 100
"""Their sizes are drawn: the first 10,000 mails, which costs the same for a million."""


@dataclass(frozen=True, slots=True)
class Person:
    n: int
    address: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause of failure. `people`: at most the first 20 of `count`."""

    cause: str
    count: int
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Failures by cause, omissions by reason, and sizes in octets of the first 10,000 mails.

    `is_cut`, `omissions_cut`: there are more than were grouped.
    """

    causes: tuple[Cause, ...]
    is_cut: bool
    omissions: Mapping[str, int]
    omissions_cut: bool
    sizes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class KeptMail:
    """The prepared bytes of one mail, its static tail apart.

    `size` in octets and `sha256` are of the whole, without the Date header.
    """

    n: int
    address: str
    name: str
    lane: str
    head: bytes
    size: int
    sha256: bytes
    prepared_at: datetime


def report(run_id: RunId) -> Report:
    """Three queries, each bounded."""
    failed = rows("report_failures", {"run": run_id, "limit": _MOST_FAILURES + 1})
    omitted = rows("report_omissions", {"run": run_id, "limit": _MOST_OMISSIONS + 1})
    omissions = {found["reason"]: int(found["count"]) for found in omitted}
    arrays = rows("report_sizes", {"run": run_id, "batches": _SIZED_BATCHES})
    return Report(
        causes=_causes(failed[:_MOST_FAILURES]),
        is_cut=len(failed) > _MOST_FAILURES,
        omissions=omissions,
        omissions_cut=sum(omissions.values()) > _MOST_OMISSIONS,
        sizes=tuple(size for found in arrays for size in found["sizes"] if size > 0),
    )


def _causes(failed: Sequence[Row]) -> tuple[Cause, ...]:
    """Most people first."""
    ordered = sorted(failed, key=itemgetter("cause"))
    causes = []
    for cause, group in groupby(ordered, key=itemgetter("cause")):
        people = [
            Person(found["n"], found["address"], found["name"], found["text"]) for found in group
        ]
        causes.append(Cause(cause, len(people), tuple(people[:20])))
    return tuple(sorted(causes, key=attrgetter("count"), reverse=True))


def zones(run_id: RunId) -> Mapping[str, int]:
    """Recipients with a mail by time zone, '' where it is not known; most first."""
    return {found["zone"]: int(found["count"]) for found in rows("report_zones", {"run": run_id})}


def kept_mails(run_id: RunId, numbers: Sequence[int]) -> tuple[KeptMail, ...]:
    """The kept bytes of these mails, in order of number; those that have none are left out.

    Two queries. Each batch is decompressed once: about 4 µs a mail of it.
    """
    items = rows("mail_items", {"run": run_id, "numbers": list(numbers)})
    batches = list({found["batch_id"] for found in items})
    bodies = {
        found["batch_id"]: zstandard.ZstdDecompressor().decompress(bytes(found["body"]))
        for found in rows("mail_bodies", {"batches": batches})
    }
    return tuple(
        KeptMail(
            n=found["n"],
            address=found["address"],
            name=found["name"],
            lane=found["lane"],
            head=_slice(bodies[found["batch_id"]], found["head_offset"], found["head_length"]),
            size=found["size"],
            sha256=bytes(found["sha256"]),
            prepared_at=found["prepared_at"],
        )
        for found in items
    )


def _slice(body: bytes, offset: int, length: int) -> bytes:
    return body[offset : offset + length]


def kept_mail(run_id: RunId, number: int) -> KeptMail | None:
    found = kept_mails(run_id, [number])
    return found[0] if found else None


def sample_numbers(recipients: int, wanted: int = 8) -> tuple[int, ...]:
    """Recipients spread evenly over a run, so over its lanes and zones in proportion."""
    if recipients <= wanted:
        return tuple(range(1, recipients + 1))
    return tuple(1 + (2 * k + 1) * recipients // (2 * wanted) for k in range(wanted))


def prepared_numbers(run_id: RunId, after: int, limit: int, span: int = 2_000) -> tuple[int, ...]:
    """The next recipients whose bytes are kept, at most `limit` among the next `span`."""
    found = rows("prepared_numbers", {"run": run_id, "after": after, "limit": limit, "span": span})
    return tuple(each["n"] for each in found)


def neighbours(run_id: RunId, number: int) -> tuple[int | None, int | None]:
    """The mails before and after one, None at the ends; looks 1,000 numbers far."""
    found = row("mail_neighbours", {"run": run_id, "n": number})
    return found["before"], found["after"]

"""What a person decides about dead letters and unknowns; the engine's functions do it.

Each letter names the attempt that is decided on, so that asked twice is done
once. A group is worked through in transactions of at most CHUNK letters.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from django.db import transaction

from postroad.core.dead_letter import Discarded, Group, Letter
from postroad.core.ids import RunId
from postroad.core.lifecycle import DeliveryState
from postroad.core.unknown import Settlement
from postroad.store.rows import Row, row, rows

CHUNK: Final = 500

Counts = dict[str, int]
"""How many letters ended in each of the ways that the engine's function names."""


def requeue_letters(letters: Sequence[Letter], actor: str) -> Counts:
    """By outcome: requeued, already, not_dead, stopped."""
    return _total(_requeue(chunk, actor) for chunk in _chunks(letters))


def requeue_group(group: Group, actor: str) -> Counts:
    """The same for every open letter of a group."""
    waiting = _waiting(DeliveryState.DEAD, group.run_id, group.cause)
    return _total(_requeue(chunk, actor) for chunk in waiting)


def discard_letters(letters: Sequence[Letter], actor: str) -> Discarded:
    """They stay dead and are marked; what came back can be handed to `undo_discard`."""
    return _discard(_chunks(letters), actor)


def discard_group(group: Group, actor: str) -> Discarded:
    return _discard(_waiting(DeliveryState.DEAD, group.run_id, group.cause), actor)


def undo_discard(discarded: Discarded, actor: str) -> int:
    """How many are open again: those that one act discarded and nobody requeued since."""
    found = rows("discarded_between", {"after": discarded.after, "upto": discarded.upto})
    letters = [Letter(RunId(each["run_id"]), each["n"], 0) for each in found]
    return sum(_mark(chunk, actor, is_back=True) for chunk in _chunks(letters))


def settle_letters(
    letters: Sequence[Letter], how: Settlement, patience_seconds: float, actor: str
) -> Counts:
    """By outcome: settled, not_unknown, stopped. `patience_seconds`: see settle_unknown.sql."""
    return _total(_settle(chunk, how, patience_seconds, actor) for chunk in _chunks(letters))


def settle_all(
    run_id: RunId | None, how: Settlement, patience_seconds: float, actor: str
) -> Counts:
    """The same for every unknown, of one run where `run_id` is given."""
    waiting = _waiting(DeliveryState.UNKNOWN, run_id, None)
    return _total(_settle(chunk, how, patience_seconds, actor) for chunk in waiting)


def _requeue(letters: Sequence[Letter], actor: str) -> Counts:
    with transaction.atomic(durable=True):
        _lock(letters)
        found = rows("requeue_letters", _arrays(letters) | {"actor": actor})
    return {each["outcome"]: each["count"] for each in found}


def _settle(
    letters: Sequence[Letter], how: Settlement, patience_seconds: float, actor: str
) -> Counts:
    asked = {"how": how, "patience": patience_seconds, "actor": actor}
    with transaction.atomic(durable=True):
        _lock(letters)
        found = rows("settle_letters", _arrays(letters) | asked)
    return {each["outcome"]: each["count"] for each in found}


def _discard(chunks: Iterator[Sequence[Letter]], actor: str) -> Discarded:
    after = int(row("journal_newest")["id"])
    count = sum(_mark(chunk, actor, is_back=False) for chunk in chunks)
    return Discarded(count, after, int(row("journal_newest")["id"]))


def _mark(letters: Sequence[Letter], actor: str, *, is_back: bool) -> int:
    with transaction.atomic(durable=True):
        _lock(letters)
        asked = _arrays(letters) | {"back": is_back, "actor": actor}
        return int(row("discard_letters", asked)["count"])


def _lock(letters: Sequence[Letter]) -> None:
    """All of them in one order, so that a late reply and we never wait for each other."""
    row("lock_letters", _arrays(letters))


def _waiting(
    state: DeliveryState, run_id: RunId | None, cause: str | None
) -> Iterator[Sequence[Letter]]:
    """Open letters, chunk by chunk; one that stays open is met once."""
    after_run, after_n = 0, 0
    while True:
        found = rows(
            "group_letters",
            {
                "state": state,
                "run_id": run_id,
                "cause": cause,
                "after_run": after_run,
                "after_n": after_n,
                "limit": CHUNK,
            },
        )
        if not found:
            return
        after_run, after_n = found[-1]["run_id"], found[-1]["n"]
        yield [Letter(RunId(each["run_id"]), each["n"], each["attempt"]) for each in found]


def _chunks(letters: Sequence[Letter]) -> Iterator[Sequence[Letter]]:
    for start in range(0, len(letters), CHUNK):
        yield letters[start : start + CHUNK]


def _arrays(letters: Sequence[Letter]) -> Row:
    return {
        "runs": [letter.run_id for letter in letters],
        "numbers": [letter.n for letter in letters],
        "attempts": [letter.attempt for letter in letters],
    }


def _total(counts: Iterator[Counts]) -> Counts:
    total: Counts = {}
    for each in counts:
        for outcome, count in each.items():
            total[outcome] = total.get(outcome, 0) + count
    return total

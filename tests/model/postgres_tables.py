"""A reading of the engine's tables as the model's promises want them."""

import json
from collections.abc import Iterable
from typing import Any, Final

import psycopg

from postroad.core.lifecycle import DeliveryState, FactKind, Folded, RunState

from .driver import BatchRow, Item, JournalRow, Outcome, Stage, Tables

_SNAPSHOT: Final = """
    SELECT json_build_object(
        'run', (SELECT json_agg(json_build_array(id, state, recipients) ORDER BY id) FROM run),
        'state', (SELECT json_agg(json_build_array(s.run_id, s.n, s.attempt, s.fact, s.state,
                                                   d.address) ORDER BY s.run_id, s.n)
                  FROM delivery_state s JOIN delivery d USING (run_id, n)),
        'count', (SELECT json_agg(json_build_array(run_id, state, change)) FROM (
                  SELECT run_id, state, sum(change) AS change FROM count_delta GROUP BY 1, 2) c),
        'batch', (SELECT json_agg(json_build_array(id, run_id, stage, owner, started_upto, item_n,
                                  item_attempt, item_source, item_index) ORDER BY id) FROM batch),
        'retry', (SELECT json_agg(json_build_array(run_id, n, attempt)) FROM retry),
        'journal', (SELECT json_agg(json_build_array(id, run_id, n, attempt, kind, actor,
                                                     detail->'n') ORDER BY id)
                    FROM journal WHERE id > %s AND kind = ANY (%s)))
"""
_KINDS: Final = [kind.value for kind in FactKind if kind is not FactKind.SELECTED]


class TableReader:
    """Reads all tables in one statement; of the journal what is new, since it only grows."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self._journal: list[JournalRow] = []
        self._last = 0

    def read(self, tokens: dict[tuple[str, str], list[float]]) -> Tables:
        row = self._connection.execute(_SNAPSHOT, [self._last, _KINDS]).fetchone()
        assert row is not None
        found = {name: rows or [] for name, rows in row[0].items()}
        for entry in found["journal"]:
            self._last = entry[0]
            self._journal += _journal_rows(entry)
        return Tables(
            runs={run: RunState(state) for run, state, _ in found["run"]},
            recipients={run: recipients for run, _, recipients in found["run"]},
            addresses={(run, n): address for run, n, *_, address in found["state"]},
            states={(run, n): _folded(*rest) for run, n, *rest in found["state"]},
            counts={(run, DeliveryState(state)): count for run, state, count in found["count"]},
            batches=[_batch(*batch) for batch in found["batch"]],
            retries=[(run, n, attempt) for run, n, attempt in found["retry"]],
            journal=list(self._journal),
            tokens=tokens,
        )


def _folded(attempt: int, fact: str, state: str, _address: str) -> Folded:
    folded = Folded(attempt, FactKind(fact))
    assert folded.state == state, f"the row says {state}, its fact {fact}"
    return folded


def _batch(
    number: int, run: int, stage: str, owner: str | None, started_upto: int, *items: list[int]
) -> BatchRow:
    return BatchRow(number, run, Stage(stage), worker_of(owner), items_of(*items), started_upto)


def items_of(*columns: list[int]) -> tuple[Item, ...]:
    return tuple(Item(*each) for each in zip(*columns, strict=True))


def worker_of(owner: str | None) -> int | None:
    return int(owner.replace("-", ""), 16) if owner else None


def _journal_rows(entry: list[Any]) -> list[JournalRow]:
    """Those of one mail; a batch that was prepared tells of all its mails in one row."""
    _, run, n, attempt, kind, actor, numbers = entry
    worker = int(actor.removeprefix("worker ")) if actor.startswith("worker ") else None
    if n is not None:
        return [JournalRow(run, n, attempt, FactKind(kind), worker)]
    if kind != FactKind.PREPARED:
        return []  # An act of the same name: a run was held.
    return [JournalRow(run, each, 0, FactKind.PREPARED, worker) for each in numbers]


def facts_of(outcomes: Iterable[Outcome]) -> str:
    """As `record_facts` takes them."""
    return json.dumps([{"n": o.n, "attempt": o.attempt, "kind": o.kind} for o in outcomes])

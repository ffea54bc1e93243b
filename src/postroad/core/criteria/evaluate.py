"""Whether a person fulfils criteria, in pure Python over rows in memory.

The compiler's SQL says the same of the same rows: this is what it is tested against.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from typing import assert_never

from postroad.core.ids import AudienceId, CampaignId

from .comparison import Cell, holds, ordered
from .schema import ForeignKey, Kind, Schema, TableName
from .tree import (
    Condition,
    Criteria,
    Field,
    Group,
    GroupKind,
    Happened,
    Hop,
    InAudience,
    Measure,
    Related,
    Rule,
    says,
)

Row = Mapping[str, Cell]

_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])


@dataclass(frozen=True, slots=True)
class Rows:
    """A database in memory. `people` is the table of the people, `key` the column that names one.

    Foreign keys may point to rows that are not there.
    """

    schema: Schema
    people: TableName
    key: str
    tables: Mapping[TableName, Sequence[Row]]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What rows do not say, as keys of people: of an audience's version, of a campaign's state."""

    audiences: Mapping[tuple[AudienceId, int], Collection[Cell]] = field(default_factory=dict)
    outcomes: Mapping[tuple[CampaignId, str], Collection[Cell]] = field(default_factory=dict)

    def audience(self, audience_id: AudienceId, version: int) -> Collection[Cell]:
        return self.audiences.get((audience_id, version), ())

    def happened(self, campaign_id: CampaignId, states: tuple[str, ...]) -> Collection[Cell]:
        known = (self.outcomes.get((campaign_id, state), ()) for state in states)
        return {key for keys in known for key in keys}


NOWHERE = Elsewhere()


@dataclass(frozen=True, slots=True)
class _Stop:
    """A row, with its table. None: a hop led nowhere, so every column is NULL."""

    table: TableName
    row: Row | None


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where a rule stands: at the end of a trail of rows, one a hop."""

    rows: Rows
    now: datetime
    elsewhere: Elsewhere
    at: _Stop
    trail: tuple[_Stop, ...] = ()


def fulfils(
    criteria: Criteria, rows: Rows, person: Row, now: datetime, elsewhere: Elsewhere = NOWHERE
) -> bool:
    """`person` is a row of the table of the people; criteria have no fault."""
    return _rule_holds(criteria.root, _Scope(rows, now, elsewhere, _Stop(rows.people, person)))


def people_of(
    criteria: Criteria, rows: Rows, now: datetime, elsewhere: Elsewhere = NOWHERE
) -> list[Cell]:
    """The keys of those who fulfil the criteria, in the order of the rows."""
    people = rows.tables.get(rows.people, ())
    return [one[rows.key] for one in people if fulfils(criteria, rows, one, now, elsewhere)]


def _rule_holds(rule: Rule, scope: _Scope) -> bool:
    match rule:
        case Group():
            return _group_holds(rule, scope)
        case Condition():
            cell, kind = _read(rule.field, scope)
            return holds(cell, kind, rule.operator, rule.value, scope.now)
        case Related():
            return _related_holds(rule, scope)
        case InAudience(audience_id, version):
            return _key(scope) in scope.elsewhere.audience(audience_id, version)
        case Happened(campaign_id, states):
            return _key(scope) in scope.elsewhere.happened(campaign_id, states)
        case _:
            assert_never(rule)


def _group_holds(group: Group, scope: _Scope) -> bool:
    if not says(group):
        return True
    held = (_rule_holds(rule, scope) for rule in group.rules if says(rule))
    match group.kind:
        case GroupKind.ALL:
            return all(held)
        case GroupKind.ANY:
            return any(held)
        case GroupKind.NONE:
            return not any(held)
        case _:
            assert_never(group.kind)


def _key(scope: _Scope) -> Cell:
    return None if scope.at.row is None else scope.at.row[scope.rows.key]


def _read(wanted: Field, scope: _Scope) -> tuple[Cell, Kind]:
    """The cell that a field means, and its column's kind."""
    stop = scope.at if wanted.step is None else scope.trail[wanted.step - 1]
    for hop in wanted.hops:
        stop = next(_after(hop, stop, scope.rows), _Stop(_target(hop, scope.rows), None))
    table = scope.rows.schema.table(stop.table)
    column = table.column(wanted.column) if table else None
    if column is None:
        raise ValueError(f"{stop.table} has no column {wanted.column}")
    cell = None if stop.row is None else stop.row[wanted.column]
    for key in wanted.json_path:
        cell = cell.get(key) if isinstance(cell, Mapping) else None
    return cell, column.kind


def _foreign_key(hop: Hop, rows: Rows) -> ForeignKey:
    found = rows.schema.foreign_key(hop.table, hop.foreign_key)
    if found is None:
        raise ValueError(f"{hop.table} has no foreign key {hop.foreign_key}")
    return found


def _target(hop: Hop, rows: Rows) -> TableName:
    key = _foreign_key(hop, rows)
    return key.table if hop.is_back else key.target


def _after(hop: Hop, stop: _Stop, rows: Rows) -> Iterator[_Stop]:
    """The rows that one hop leads to; a NULL in a foreign key leads nowhere."""
    key = _foreign_key(hop, rows)
    here, there = key.columns, key.target_columns
    if hop.is_back:
        here, there = there, here
    table = _target(hop, rows)
    wanted = [None if stop.row is None else stop.row[name] for name in here]
    if None in wanted:
        return
    for row in rows.tables.get(table, ()):
        if [row[name] for name in there] == wanted:
            yield _Stop(table, row)


def _related_holds(rule: Related, scope: _Scope) -> bool:
    ends = [end for end in _ends(rule.path, scope) if _rule_holds(rule.where, end)]
    match rule.measure:
        case Measure.HAS:
            return bool(ends)
        case Measure.HAS_NONE:
            return not ends
    if rule.operator is None:
        raise ValueError(f"“{rule.measure}” is compared with nothing")
    cell, kind = _measured(rule, ends)
    return holds(cell, kind, rule.operator, rule.value, scope.now)


def _ends(path: tuple[Hop, ...], scope: _Scope) -> Iterator[_Scope]:
    """One for each way along the path, as a join gives: a row may be reached by several."""
    trails: list[tuple[_Stop, ...]] = [()]
    for hop in path:
        trails = [
            (*trail, stop)
            for trail in trails
            for stop in _after(hop, trail[-1] if trail else scope.at, scope.rows)
        ]
    for trail in trails:
        yield replace(scope, at=trail[-1], trail=trail)


def _measured(rule: Related, ends: list[_Scope]) -> tuple[Cell, Kind]:
    if rule.measure is Measure.COUNT:
        return len(ends), Kind.INTEGER
    if rule.field is None:
        raise ValueError(f"“{rule.measure}” has no field")
    if not ends:
        return (0 if rule.measure is Measure.SUM else None), Kind.OTHER
    if rule.measure is Measure.LAST:
        return _read(rule.field, _last(rule, ends))
    read = [_read(rule.field, end) for end in ends]
    known = [ordered(cell) for cell, _ in read if cell is not None]
    kind = read[0][1]
    if rule.measure is Measure.SUM:
        return _sum(known), kind
    pick = min if rule.measure is Measure.MIN else max
    return pick(known, default=None), kind


def _sum(cells: list[Cell]) -> Cell:
    total: Cell = 0
    for cell in cells:
        total = _EXACT.add(Decimal(total), cell) if isinstance(cell, Decimal) else total + cell
    return total


def _last(rule: Related, ends: list[_Scope]) -> _Scope:
    """Rows in which `by` is NULL come before all others; ties go to the greatest primary key."""
    if rule.by is None:
        raise ValueError("“last” is by nothing")
    by = rule.by

    def place(end: _Scope) -> tuple[Cell, ...]:
        cell, _ = _read(by, end)
        return (*_null_first(cell), *_primary_key(end))

    return max(ends, key=place)


def _null_first(cell: Cell) -> tuple[Cell, ...]:
    return (cell is not None, 0 if cell is None else ordered(cell))


def _primary_key(end: _Scope) -> Iterator[Cell]:
    table = end.rows.schema.table(end.at.table)
    row = end.at.row
    if table is None or row is None:
        return
    for name in table.key:
        yield from _null_first(row[name])

"""Where a rule stands: at a row of a table under its name in the SQL, and the ways on from it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import column, table
from sqlalchemy.sql.selectable import FromClause, TableClause

from postroad.core.criteria.schema import Column, ForeignKey, Kind, Schema, Table, TableName
from postroad.core.criteria.tree import Field, Hop

from .constants import constant
from .elements import Derived, Expression, Join, Named, Place, Query, Scalar, all_of

_NOT_IN_NAMES = re.compile(r"[^a-z0-9_]+")


Pairs = tuple[tuple[str, Expression], ...]


class Names:
    """Names for the rows of a statement, each after its table and none twice."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def make(self, wanted: str) -> str:
        base = _NOT_IN_NAMES.sub("_", wanted.lower()).strip("_")[:40] or "rows"
        name, number = base, 1
        while name in self._taken:
            number += 1
            name = f"{base}_{number}"
        self._taken.add(name)
        return name


@dataclass(frozen=True, slots=True)
class Standing:
    """A row of `table`, called `alias`; the rows that led to it are the trail, itself last."""

    table: Table
    alias: FromClause
    trail: "tuple[Standing, ...]" = ()

    def column(self, name: str) -> Expression:
        return self.alias.c[_known(self.table, name).name]


@dataclass(frozen=True, slots=True)
class Cell:
    """What is compared. `take(f)` is f of the column, wherever the column has to be read."""

    kind: Kind
    type_words: str
    json_path: tuple[str, ...]
    take: Callable[[Callable[[Expression], Expression]], Expression]

    def plain(self) -> Expression:
        return self.take(lambda inner: inner)


@dataclass(frozen=True, slots=True)
class Way:
    """The rows after each hop, with the condition that ties each to the one before."""

    stops: tuple[Standing, ...]
    ties: tuple[Expression, ...]
    pairs: Pairs
    """What ties the first: its columns, each with that of the row at hand."""

    @property
    def end(self) -> Standing:
        return Standing(self.stops[-1].table, self.stops[-1].alias, self.stops)

    def query(self, columns: Sequence[Expression], where: Sequence[Expression] = ()) -> Query:
        """Of the rows at the end that are tied to the row at hand."""
        tied = all_of([self.ties[0], *where])
        return Query(columns, self.stops[0].alias, tied, joins=self._joins())

    def grouped(self, name: str, having: Expression, where: Sequence[Expression] = ()) -> Query:
        """Of the groups that belong to one row each, those that have it; tied to the row at hand.

        The groups do not ask which row is at hand, so that a server may make all of them once.
        """
        keys = self._keys()
        groups = Query(
            keys,
            self.stops[0].alias,
            all_of(where) if where else None,
            joins=self._joins(),
            group_by=keys,
            having=having,
        )
        rows = table(name, *(column(one) for one, _ in self.pairs))
        return Query([], Derived(groups, rows), all_of(self._ties_of(rows)))

    def latest(
        self,
        name: str,
        wanted: Expression,
        by: Sequence[Expression],
        where: Sequence[Expression] = (),
    ) -> "Latest":
        """The last row of each group, made once as groups are."""
        keys, names = self._keys(), [one for one, _ in self.pairs]
        value, place = _unlike("latest", names), _unlike("place", names)
        columns = [*keys, Named(wanted, value), Named(Place(keys, by), place)]
        source, said = self.stops[0].alias, all_of(where) if where else None
        numbered = Query(columns, source, said, joins=self._joins())
        rows = table(name, *map(column, (*names, value, place)))
        ties = [*self._ties_of(rows), rows.c[place] == constant(1)]
        return Latest(Derived(numbered, rows), tuple(ties), rows.c[value])

    def _joins(self) -> list[Join]:
        pairs = zip(self.stops[1:], self.ties[1:], strict=True)
        return [Join(stop.alias, tie) for stop, tie in pairs]

    def _keys(self) -> list[Expression]:
        return [self.stops[0].column(one) for one, _ in self.pairs]

    def _ties_of(self, rows: TableClause) -> list[Expression]:
        return [rows.c[one] == here for one, here in self.pairs]


@dataclass(frozen=True, slots=True)
class Latest:
    """`value` of the last row that belongs to the row at hand, which the ties tie it to."""

    rows: Derived
    ties: tuple[Expression, ...]
    value: Expression

    def fulfils(self, condition: Expression) -> Query:
        return Query([], self.rows, all_of([*self.ties, condition]))


class Map:
    """A schema's tables as SQL has them, under names of the statement."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._names = Names()

    def stand(self, name: TableName) -> Standing:
        """A row of the table, under a new name."""
        found = self._schema.table(name)
        if found is None:
            raise ValueError(f"there is no table {name}")
        return Standing(found, self.alias(name, [one.name for one in found.columns]))

    def alias(self, name: TableName, columns: Sequence[str]) -> FromClause:
        """Of any table, in the schema or not."""
        plain = table(name.name, *map(column, columns), schema=name.schema)
        return plain.alias(self.name(name.name))

    def name(self, wanted: str) -> str:
        return self._names.make(wanted)

    def way(self, path: Sequence[Hop], start: Standing) -> Way:
        if not path:
            raise ValueError("a path needs at least one hop")
        stops: list[Standing] = []
        pairs: list[Pairs] = []
        for hop in path:
            stop, pair = self._hop(hop, stops[-1] if stops else start)
            stops.append(stop)
            pairs.append(pair)
        ties = [
            all_of([stop.column(there) == here for there, here in pair])
            for stop, pair in zip(stops, pairs, strict=True)
        ]
        return Way(tuple(stops), tuple(ties), pairs[0])

    def _hop(self, hop: Hop, start: Standing) -> tuple[Standing, Pairs]:
        key = self._schema.foreign_key(hop.table, hop.foreign_key)
        if key is None:
            raise ValueError(f"{hop.table} has no foreign key {hop.foreign_key}")
        here, there, target = _ends(key, is_back=hop.is_back)
        if start.table.name != (key.target if hop.is_back else key.table):
            raise ValueError(f"{hop.foreign_key} does not lead on from {start.table.name}")
        stop = self.stand(target)
        return stop, tuple(zip(there, map(start.column, here), strict=True))

    def cell(self, field: Field, standing: Standing) -> Cell:
        base = standing
        if field.step is not None:
            if not 1 <= field.step <= len(standing.trail):
                raise ValueError(f"the path has no step {field.step}")
            base = standing.trail[field.step - 1]
        if not field.hops:
            known = _known(base.table, field.column)
            inner = base.column(field.column)
            return Cell(known.kind, known.type_words, field.json_path, lambda take: take(inner))
        if any(hop.is_back for hop in field.hops):
            raise ValueError("a field is read forward only")
        way = self.way(field.hops, base)
        known = _known(way.end.table, field.column)
        inner = way.end.column(field.column)
        return Cell(
            known.kind,
            known.type_words,
            field.json_path,
            lambda take: Scalar(way.query([take(inner)])),
        )


def _unlike(name: str, others: Sequence[str]) -> str:
    """A column's name that is none of the others, however these are spelt."""
    taken = {one.casefold() for one in others}
    while name in taken:
        name += "_"
    return name


def _ends(key: ForeignKey, *, is_back: bool) -> tuple[tuple[str, ...], tuple[str, ...], TableName]:
    """The columns of the row at hand, those of the next, and its table."""
    if is_back:
        return key.target_columns, key.columns, key.table
    return key.columns, key.target_columns, key.target


def _known(table_: Table, name: str) -> Column:
    found = table_.column(name)
    if found is None:
        raise ValueError(f"{table_.name} has no column {name}")
    return found

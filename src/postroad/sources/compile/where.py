"""A tree of rules as the condition of a WHERE."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import assert_never

from sqlalchemy import column, table

from postroad.core.criteria.comparison import holds
from postroad.core.criteria.schema import Kind, Mapping, Schema, TableName
from postroad.core.criteria.tree import (
    Condition,
    Criteria,
    Field,
    Group,
    GroupKind,
    Happened,
    InAudience,
    Measure,
    Operator,
    Related,
    Rule,
    says,
)
from postroad.core.ids import AudienceId

from . import mariadb, postgresql
from .comparison import condition
from .constants import constant, constants
from .elements import (
    AsText,
    Call,
    Count,
    Exists,
    Expression,
    Join,
    Octets,
    Query,
    RoutineRows,
    all_of,
    any_of,
    negated,
)
from .layout import lay_out
from .standing import Cell, Map, Standing, Way

_DEEPEST = 20
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
"""Whether nothing fulfils a rule does not depend on it."""


class Server(StrEnum):
    POSTGRESQL = "PostgreSQL"
    MARIADB = "MariaDB"


@dataclass(frozen=True, slots=True)
class Site:
    """Whose people, on which server, and what a statement needs to know beside the rules."""

    server: Server
    schema: Schema
    mapping: Mapping
    routines: str = "postroad"
    """The schema in which audiences are deployed."""
    definition_of: Callable[[AudienceId, int], Criteria] | None = None
    """The rules of another audience's version. MariaDB needs them: no query reads a procedure."""
    now: datetime | None = None
    """The present; None is the clock of the database, whenever the statement runs."""


class CannotCompile(ValueError):
    """A rule that no SQL can be made of; the text names its number."""


def routine_of(audience_id: AudienceId, version: int) -> str:
    """The name of the routine that one version is, without its schema."""
    return f"audience_{int(audience_id)}_v{int(version)}"


class Composer:
    """Makes the condition of one statement, and writes the whole."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._map = Map(site.schema)
        self._depth = 0
        self._made: list[tuple[str, Expression]] = []

    def person(self) -> Standing:
        return self._map.stand(self._site.mapping.table)

    def where(self, criteria: Criteria, person: Standing) -> Expression | None:
        """Of those who fulfil the criteria; None where everybody does."""
        return self._group(criteria.root, person, "")

    def _rule(self, rule: Rule, standing: Standing, number: str) -> Expression | None:
        """None for what is passed over."""
        if not says(rule):
            return None
        if isinstance(rule, Group):
            return self._group(rule, standing, number)
        try:
            made = self._single(rule, standing, number)
        except CannotCompile:
            raise
        except ValueError as fault:
            raise _at(number, fault) from fault
        if self._depth == 0:
            self._made.append((number, made))
        return made

    def _group(self, group: Group, standing: Standing, number: str) -> Expression | None:
        prefix = f"{number}." if number else ""
        made = [
            self._rule(rule, standing, f"{prefix}{place}")
            for place, rule in enumerate(group.rules, 1)
        ]
        parts = [part for part in made if part is not None]
        if not parts:
            return None
        match group.kind:
            case GroupKind.ALL:
                return all_of(parts)
            case GroupKind.ANY:
                return any_of(parts)
            case GroupKind.NONE:
                return all_of([negated(part) for part in parts])
            case _:
                assert_never(group.kind)

    def _single(
        self,
        rule: Condition | Related | InAudience | Happened,
        standing: Standing,
        number: str,
    ) -> Expression:
        match rule:
            case Condition():
                cell = self._map.cell(rule.field, standing)
                return condition(cell, rule.operator, rule.value, self._site.now)
            case Related():
                return self._related(rule, standing, number)
            case InAudience():
                return self._in_audience(rule, standing)
            case Happened():
                return self._happened(rule, standing)
            case _:
                assert_never(rule)

    def written(self, query: Query, depth: int = 0) -> str:
        """CannotCompile for what this server cannot say."""
        try:
            return lay_out(self._write(query), depth)
        except ValueError as fault:
            for number, made in self._made:
                self._blame(number, made)
            raise CannotCompile(f"This cannot be said in SQL: {fault}.") from fault

    def _write(self, element: Expression) -> str:
        if self._site.server is Server.POSTGRESQL:
            return postgresql.write(element)
        return mariadb.write(element)

    def _blame(self, number: str, made: Expression) -> None:
        try:
            self._write(made)
        except ValueError as fault:
            raise _at(number, fault) from fault

    # Related rows.

    def _related(self, rule: Related, standing: Standing, number: str) -> Expression:
        way = self._map.way(rule.path, standing)
        inner = self._group(rule.where, way.end, number)
        where = [] if inner is None else [inner]
        match rule.measure:
            case Measure.HAS:
                return Exists(way.query([], where))
            case Measure.HAS_NONE:
                return negated(Exists(way.query([], where)))
            case Measure.LAST:
                return self._last(rule, way, where)
            case _:
                return self._of_groups(rule, way, where)

    def _of_groups(self, rule: Related, way: Way, where: list[Expression]) -> Expression:
        """Rows that nothing belongs to have no group: where nothing holds too, the others count."""
        cell, nothing = self._measured(rule, way)
        operator = _operator(rule)
        having = condition(cell, operator, rule.value, self._site.now)
        name = self._map.name(f"{way.stops[0].table.name.name}_grouped")
        if holds(nothing, cell.kind, operator, rule.value, _ANY_TIME):
            return negated(Exists(way.grouped(name, negated(having), where)))
        return Exists(way.grouped(name, having, where))

    def _measured(self, rule: Related, way: Way) -> tuple[Cell, int | None]:
        """The measure of a group, and that of nothing."""
        if rule.measure is Measure.COUNT:
            return _cell(Kind.INTEGER, Count()), 0
        if rule.field is None:
            raise ValueError(f"“{rule.measure}” needs a column")
        cell = self._map.cell(rule.field, way.end)
        inner = cell.plain()
        match rule.measure:
            case Measure.SUM:
                return _cell(cell.kind, Call("coalesce", Call("sum", inner), constant(0))), 0
            case Measure.MIN:
                return _cell(cell.kind, Call("min", inner)), None
            case _:
                return _cell(cell.kind, Call("max", inner)), None

    def _last(self, rule: Related, way: Way, where: list[Expression]) -> Expression:
        """As of groups: nothing has no last row, so its column is NULL."""
        if rule.by is None or rule.field is None:
            raise ValueError("“last” needs a column, and the one that says which is last")
        cell, end, operator = self._map.cell(rule.field, way.end), way.end, _operator(rule)
        by = [self._map.cell(rule.by, end).plain(), *map(end.column, end.table.key)]
        name = self._map.name(f"{way.stops[0].table.name.name}_latest")
        latest = way.latest(name, cell.plain(), by, where)
        read = replace(cell, take=lambda take: take(latest.value))
        said = condition(read, operator, rule.value, self._site.now)
        if holds(None, cell.kind, operator, rule.value, _ANY_TIME):
            return negated(Exists(latest.fulfils(negated(said))))
        return Exists(latest.fulfils(said))

    # Other audiences, and what happened.

    def _in_audience(self, rule: InAudience, standing: Standing) -> Expression:
        if self._site.server is Server.MARIADB:
            return self._inlined(rule, standing)
        rows = table(self._map.name("member"), column("contact_key"))
        name = routine_of(rule.audience_id, rule.version)
        source = RoutineRows(self._site.routines, name, rows)
        key = AsText(self._key(standing))
        kind = self._map.cell(Field(self._site.mapping.key), standing).kind
        tie = rows.c["contact_key"] == (Octets(key) if kind is Kind.TEXT else key)
        return Exists(Query([], source, tie))

    def _inlined(self, rule: InAudience, standing: Standing) -> Expression:
        if self._site.definition_of is None:
            raise ValueError("the rules of the other audience are not known")
        if self._depth >= _DEEPEST:
            raise ValueError("audiences lie too deep within one another")
        criteria = self._site.definition_of(rule.audience_id, rule.version)
        self._depth += 1
        try:
            inner = self.where(criteria, standing)
        except CannotCompile as fault:
            where = f"in audience {rule.audience_id}, version {rule.version}"
            raise ValueError(f"{where}: {str(fault).removesuffix('.')}") from fault
        finally:
            self._depth -= 1
        return constant(True) if inner is None else inner

    def _happened(self, rule: Happened, standing: Standing) -> Expression:
        """Of the built-in contacts: the deliveries lie in the same schema."""
        if not rule.states:
            raise ValueError("no state is chosen")
        schema = self._site.mapping.table.schema
        delivery = self._map.alias(TableName(schema, "delivery"), ["run_id", "n", "contact_key"])
        run = self._map.alias(TableName(schema, "run"), ["id", "campaign_id"])
        state = self._map.alias(TableName(schema, "delivery_state"), ["run_id", "n", "state"])
        same = all_of([state.c.run_id == delivery.c.run_id, state.c.n == delivery.c.n])
        where = [
            delivery.c.contact_key == AsText(self._key(standing)),
            run.c.campaign_id == constant(int(rule.campaign_id)),
            state.c.state.in_(constants(rule.states)),
        ]
        joins = [Join(run, run.c.id == delivery.c.run_id), Join(state, same)]
        return Exists(Query([], delivery, all_of(where), joins=joins))

    def _key(self, standing: Standing) -> Expression:
        if standing.table.name != self._site.mapping.table:
            raise ValueError("this is asked of people only, not of rows that belong to them")
        return standing.column(self._site.mapping.key)


def _at(number: str, fault: ValueError) -> CannotCompile:
    return CannotCompile(f"Rule {number}: {fault}.")


def _cell(kind: Kind, made: Expression) -> Cell:
    return Cell(kind, "", (), lambda take: take(made))


def _operator(rule: Related) -> Operator:
    if rule.operator is None:
        raise ValueError(f"“{rule.measure}” is compared with nothing")
    return rule.operator

"""Values of rules aimed at what is in the rows: drawn blindly they would hardly ever meet."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from postroad.core.criteria.evaluate import Rows
from postroad.core.criteria.operators import PARTS_OF_TEXT
from postroad.core.criteria.tree import Condition, Group, Operator, Related, Rule
from postroad.core.criteria.values import Around, Between, Span

_TOLD = (0.0, 0.25, 0.5, 1.0, 20.0, 100.0)
"""Floats that a decimal of any server is exactly."""


class Cells:
    """What the rows hold, by the name of its column."""

    def __init__(self, draw: Any, rows: Rows) -> None:
        self._draw = draw
        self._held: dict[str, list[Any]] = {}
        for table in rows.tables.values():
            for row in table:
                for name, cell in row.items():
                    self._held.setdefault(name, []).extend(_leaves(cell))

    def aimed(self, group: Group) -> Group:
        return replace(group, rules=tuple(self._rule(rule) for rule in group.rules))

    def _rule(self, rule: Rule) -> Rule:
        match rule:
            case Group():
                return self.aimed(rule)
            case Condition():
                return replace(
                    rule, value=self._value(rule.field.column, rule.operator, rule.value)
                )
            case Related(field=field) if field is not None and rule.operator is not None:
                value = self._value(field.column, rule.operator, rule.value)
                return replace(rule, where=self.aimed(rule.where), value=value)
            case Related():
                return replace(rule, where=self.aimed(rule.where))
            case _:
                return rule

    def _value(self, column: str, operator: Operator, value: Any) -> Any:
        match value:
            case None | Span() | Around():
                return value
            case (first, *others):
                return (self._near(column, first), *others)
            case Between(low, high):
                return Between(*sorted((self._near(column, low), high)))
            case str() if operator in PARTS_OF_TEXT:
                return self._part(self._near(column, value)) or value
            case _:
                return self._near(column, value)

    def _near(self, column: str, value: Any) -> Any:
        """A cell of the value's type, most of the time."""
        fit = [cell for cell in self._held.get(column, ()) if _sort(cell) is _sort(value)]
        if not fit or self._draw(st.integers(0, 3)) == 0:
            return value
        return self._draw(st.sampled_from(fit))

    def _part(self, text: str) -> str:
        start = self._draw(st.integers(0, max(0, len(text) - 1)))
        return text[start : start + self._draw(st.integers(1, 3))]


def _leaves(cell: Any) -> Iterator[Any]:
    match cell:
        case None:
            return
        case Mapping():
            for inner in cell.values():
                yield from _leaves(inner)
        case list():
            for inner in cell:
                yield from _leaves(inner)
        case float():
            if abs(cell) in _TOLD:
                yield Decimal(cell)
        case datetime():
            yield cell if cell.tzinfo else cell.replace(tzinfo=UTC)
        case _:
            yield cell


def _sort(value: Any) -> type:
    for sort in (bool, int, Decimal, str, datetime, date):
        if isinstance(value, sort):
            return sort
    raise AssertionError(value)

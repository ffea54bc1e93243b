"""Which kind of column takes which operator, and with what value: the one table.

The check, the builder's menus, the compiler and the tests' strategies read it. The order of a
kind's operators is that of the menu.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from .schema import Kind
from .tree import Measure, Operator


class Form(StrEnum):
    """How many values, and how they belong together."""

    NOTHING = "nothing"
    ONE = "one"
    LIST = "list"
    """At least one, all of the same sort."""
    BETWEEN = "between"
    SPAN = "span"
    AROUND = "around"


class Sort(StrEnum):
    """What one value is."""

    TEXT = "text"
    WHOLE = "whole number"
    NUMBER = "number"
    """Whole or decimal."""
    FLAG = "true or false"
    DAY = "day"
    MOMENT = "moment"
    """With its zone. TIMESTAMP columns are read as the time of day in the source's zone."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The value has this form, of one of these sorts."""

    form: Form
    sorts: tuple[Sort, ...] = ()


NOTHING = Shape(Form.NOTHING)
SPAN = Shape(Form.SPAN)
AROUND = Shape(Form.AROUND)
TEXT = Shape(Form.ONE, (Sort.TEXT,))
TEXTS = Shape(Form.LIST, (Sort.TEXT,))

Shapes = Mapping[Operator, Shape]

_PRESENCE = {Operator.EMPTY: NOTHING, Operator.NOT_EMPTY: NOTHING}

_PARTS = {
    Operator.CONTAINS: TEXT,
    Operator.NOT_CONTAINS: TEXT,
    Operator.STARTS: TEXT,
    Operator.ENDS: TEXT,
}

PARTS_OF_TEXT = frozenset(_PARTS)
"""Every text has '' in it, so these ask for a text of at least one character."""


def _equality(*sorts: Sort) -> dict[Operator, Shape]:
    one = Shape(Form.ONE, sorts)
    return {Operator.IS: one, Operator.IS_NOT: one}


def _membership(*sorts: Sort) -> dict[Operator, Shape]:
    several = Shape(Form.LIST, sorts)
    return {Operator.IN: several, Operator.NOT_IN: several}


def _order(sort: Sort) -> dict[Operator, Shape]:
    one = Shape(Form.ONE, (sort,))
    return {
        Operator.LESS: one,
        Operator.AT_MOST: one,
        Operator.MORE: one,
        Operator.AT_LEAST: one,
        Operator.BETWEEN: Shape(Form.BETWEEN, (sort,)),
    }


def _of_numbers(sort: Sort) -> Shapes:
    return {**_equality(sort), **_membership(sort), **_order(sort), **_PRESENCE}


def _of_times(sort: Sort) -> Shapes:
    one = Shape(Form.ONE, (sort,))
    return {
        **_equality(sort),
        Operator.BEFORE: one,
        Operator.AFTER: one,
        Operator.BETWEEN: Shape(Form.BETWEEN, (sort,)),
        Operator.IN_LAST: SPAN,
        Operator.NOT_IN_LAST: SPAN,
        Operator.IN_NEXT: SPAN,
        Operator.ANNIVERSARY: AROUND,
        **_PRESENCE,
    }


OPERATORS: Mapping[Kind, Shapes] = MappingProxyType(
    {
        Kind.TEXT: {
            **_equality(Sort.TEXT),
            **_membership(Sort.TEXT),
            **_PARTS,
            **_PRESENCE,
        },
        Kind.INTEGER: _of_numbers(Sort.WHOLE),
        Kind.DECIMAL: _of_numbers(Sort.NUMBER),
        Kind.FLOAT: _of_numbers(Sort.NUMBER),
        Kind.BOOLEAN: {Operator.IS_TRUE: NOTHING, Operator.IS_FALSE: NOTHING, **_PRESENCE},
        Kind.DATE: _of_times(Sort.DAY),
        Kind.TIMESTAMP: _of_times(Sort.MOMENT),
        Kind.MOMENT: _of_times(Sort.MOMENT),
        Kind.JSON: {
            **_equality(Sort.TEXT, Sort.NUMBER, Sort.FLAG),
            **_membership(Sort.TEXT, Sort.NUMBER),
            **_PARTS,
            **_order(Sort.NUMBER),
            **_PRESENCE,
        },
        Kind.TEXTS: {
            Operator.HAS_ANY: TEXTS,
            Operator.HAS_ALL: TEXTS,
            Operator.HAS_NONE: TEXTS,
            **_PRESENCE,
        },
        Kind.OTHER: {},
    }
)

POSITIVE_OF: Mapping[Operator, Operator] = MappingProxyType(
    {
        Operator.IS_NOT: Operator.IS,
        Operator.NOT_IN: Operator.IN,
        Operator.NOT_CONTAINS: Operator.CONTAINS,
        Operator.NOT_IN_LAST: Operator.IN_LAST,
        Operator.HAS_NONE: Operator.HAS_ANY,
        Operator.NOT_EMPTY: Operator.EMPTY,
    }
)
"""A negative operator is exactly the negation of this one, NULL included."""

NUMERIC = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT})
TEMPORAL = frozenset({Kind.DATE, Kind.TIMESTAMP, Kind.MOMENT})
ORDERED = NUMERIC | TEMPORAL
"""Kinds that have a smallest and a largest, and by which rows can be ordered."""

FIELD_KINDS: Mapping[Measure, frozenset[Kind]] = MappingProxyType(
    {
        Measure.HAS: frozenset(),
        Measure.HAS_NONE: frozenset(),
        Measure.COUNT: frozenset(),
        Measure.SUM: NUMERIC,
        Measure.MIN: ORDERED,
        Measure.MAX: ORDERED,
        Measure.LAST: frozenset(Kind) - {Kind.OTHER},
    }
)
"""The kinds of the field that a measure has; a measure without any has no field."""

COMPARING = frozenset(Measure) - {Measure.HAS, Measure.HAS_NONE}
"""Measures that are compared with something."""


def shapes_of(measure: Measure, kind: Kind | None) -> Shapes:
    """The operators that the result of a measure takes; `kind` is that of its field, if any.

    A count and a sum are never NULL, so they are not asked whether they are empty.
    """
    if measure not in COMPARING:
        return {}
    if measure is Measure.COUNT:
        return _without_presence(OPERATORS[Kind.INTEGER])
    if kind is None or kind not in FIELD_KINDS[measure]:
        return {}
    if measure is Measure.SUM:
        return _without_presence(OPERATORS[kind])
    return OPERATORS[kind]


def _without_presence(shapes: Shapes) -> Shapes:
    return {operator: shape for operator, shape in shapes.items() if operator not in _PRESENCE}

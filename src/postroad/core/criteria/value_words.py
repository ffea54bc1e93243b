"""What a rule compares with, as a person would say it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Final, assert_never

from .days import in_utc
from .quoting import joined, quoted
from .tree import Operator
from .values import Around, Between, Scalar, Span, Value

SHOWN_VALUES: Final = 5
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_SAID: Final = {
    Operator.IN: "is",
    Operator.NOT_IN: "is none of",
    Operator.IN_LAST: "is in the last",
    Operator.NOT_IN_LAST: "is not in the last",
    Operator.IN_NEXT: "is in the next",
    Operator.LESS: "is less than",
    Operator.AT_MOST: "is at most",
    Operator.MORE: "is more than",
    Operator.AT_LEAST: "is at least",
}
"""Operators that a sentence says otherwise than a menu."""


def compared(operator: Operator, value: Value) -> str:
    """As in: is “Norway” or “Sweden”; is in the last 90 days."""
    said = _SAID.get(operator, operator.value)
    match value:
        case None:
            return said
        case tuple():
            return f"{said} {_several(value, 'and' if operator is Operator.HAS_ALL else 'or')}"
        case Between(low, high):
            return f"{said} {scalar_words(low)} and {scalar_words(high)}"
        case Span(count, unit):
            return f"{said} {unit.value[:-1] if count == 1 else f'{count:,} {unit.value}'}"
        case Around():
            return f"{said} {value.value}"
        case _:
            return f"{said} {scalar_words(value)}"


def _several(values: tuple[Scalar, ...], last: str) -> str:
    parts = [scalar_words(one) for one in values[:SHOWN_VALUES]]
    more = len(values) - len(parts)
    return joined([*parts, f"{more:,} more"] if more else parts, last)


def scalar_words(value: Scalar) -> str:
    match value:
        case str():
            return quoted(value)
        case bool():
            return "true" if value else "false"
        case int():
            return f"{value:,}"
        case Decimal():
            return format(value, ",f")
        case datetime():
            moment = in_utc(value)
            seconds = moment.time().isoformat("auto" if moment.second else "minutes")
            return f"{_day(moment)} {seconds} {moment.tzname()}"
        case date():
            return _day(value)
        case _:
            assert_never(value)


def _day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"

"""What one operator says of one cell, in pure Python.

Cells are as psycopg reads them: str, int, Decimal, float, bool, date, datetime (naive for
TIMESTAMP, with its zone for MOMENT), a list of texts, and what `json.loads` makes of JSON with
numbers as int or Decimal.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from .days import after, before, has_anniversary
from .operators import POSITIVE_OF
from .schema import Kind
from .tree import Operator
from .values import Around, Between, Span, Value

Cell = Any
"""One cell, or what lies in its JSON."""


def holds(cell: Cell, kind: Kind, operator: Operator, value: Value, now: datetime) -> bool:
    """Never neither: NULL fulfils no positive operator and every negative one."""
    positive = POSITIVE_OF.get(operator)
    if positive is not None:
        return not holds(cell, kind, positive, value, now)
    if operator is Operator.EMPTY:
        return is_empty(cell, kind)
    known = _as_compared(cell, kind, value)
    if known is None:
        return False
    return _POSITIVE[operator](known, _value_for(known, value), now)


def is_empty(cell: Cell, kind: Kind) -> bool:
    if kind is Kind.TEXT:
        return cell in (None, "")
    if kind is Kind.TEXTS:
        return cell is None or len(cell) == 0
    return cell is None


def _as_compared(cell: Cell, kind: Kind, value: Value) -> Cell:
    """What is compared: None where nothing of the value's sort is there."""
    match kind, cell:
        case _, None:
            return None
        case Kind.JSON, _:
            return _json_as_compared(cell, value)
        case Kind.TIMESTAMP, datetime():
            return cell.replace(tzinfo=UTC)
        case Kind.MOMENT, datetime():
            return cell.astimezone(UTC)
    return ordered(cell)


def ordered(cell: Cell) -> Cell:
    """NaN is greatest, as PostgreSQL has it; values are finite, so infinity does for it."""
    if isinstance(cell, float | Decimal) and math.isnan(cell):
        return type(cell)("inf")
    return cell


def _value_for(known: Cell, value: Value) -> Any:
    """Several values as a tuple. A float is compared with the nearest floats, as servers do."""
    several = (value.low, value.high) if isinstance(value, Between) else value
    if not isinstance(known, float):
        return several
    if isinstance(several, tuple):
        return tuple(_nearest(one) for one in several)
    return _nearest(several)


def _nearest(value: Any) -> Any:
    return float(value) if isinstance(value, int | Decimal) else value


def _json_as_compared(cell: Cell, value: Value) -> Cell:
    """Text compares with the text of anything, numbers with numbers, yes or no with booleans."""
    example: object = value
    match value:
        case (first, *_):
            example = first
        case Between(low, _):
            example = low
    match example:
        case str():
            return text_of_json(cell)
        case bool():
            return cell if isinstance(cell, bool) else None
        case _:
            return _number_of_json(cell)


def _number_of_json(cell: Cell) -> int | Decimal | None:
    match cell:
        case float():
            return Decimal(repr(cell))
        case int() | Decimal() if not isinstance(cell, bool):
            return cell
        case _:
            return None


def text_of_json(cell: Cell) -> str | None:
    """As PostgreSQL's #>> gives it of jsonb; NULL for null."""
    if cell is None or isinstance(cell, str):
        return cell
    return json_text(cell)


def json_text(cell: Cell) -> str:
    """The text that jsonb makes of a document: keys by length, then by bytes."""
    match cell:
        case bool() | None | str():
            return json.dumps(cell, ensure_ascii=False)
        case Mapping():
            keys = sorted(cell, key=lambda key: (len(key.encode()), key.encode()))
            pairs = (f"{json_text(key)}: {json_text(cell[key])}" for key in keys)
            return "{" + ", ".join(pairs) + "}"
        case Sequence():
            return "[" + ", ".join(json_text(one) for one in cell) + "]"
        case _:
            number = Decimal(_number_of_json(cell) or 0)
            return format(number or abs(number), "f")


def _is(cell: Cell, value: Any, _: datetime) -> bool:
    return bool(cell == value)


def _is_between(cell: Cell, ends: tuple[Any, Any], _: datetime) -> bool:
    return bool(ends[0] <= cell <= ends[1])


def _today_or_now(cell: date, now: datetime) -> Any:
    moment = now.astimezone(UTC)
    return moment if isinstance(cell, datetime) else moment.date()


def _in_last(cell: date, span: Span, now: datetime) -> bool:
    end = _today_or_now(cell, now)
    return bool(before(end, span) <= cell <= end)


def _in_next(cell: date, span: Span, now: datetime) -> bool:
    start = _today_or_now(cell, now)
    return bool(start <= cell <= after(start, span))


def _has_anniversary(cell: date, around: Around, now: datetime) -> bool:
    day = cell.date() if isinstance(cell, datetime) else cell
    return has_anniversary(day, around, now.astimezone(UTC).date())


_POSITIVE: Mapping[Operator, Callable[[Cell, Any, datetime], bool]] = MappingProxyType(
    {
        Operator.IS: _is,
        Operator.IN: lambda cell, values, _: any(cell == one for one in values),
        Operator.CONTAINS: lambda cell, text, _: text in cell,
        Operator.STARTS: lambda cell, text, _: cell.startswith(text),
        Operator.ENDS: lambda cell, text, _: cell.endswith(text),
        Operator.LESS: lambda cell, value, _: cell < value,
        Operator.AT_MOST: lambda cell, value, _: cell <= value,
        Operator.MORE: lambda cell, value, _: cell > value,
        Operator.AT_LEAST: lambda cell, value, _: cell >= value,
        Operator.BETWEEN: _is_between,
        Operator.BEFORE: lambda cell, value, _: cell < value,
        Operator.AFTER: lambda cell, value, _: cell > value,
        Operator.IN_LAST: _in_last,
        Operator.IN_NEXT: _in_next,
        Operator.ANNIVERSARY: _has_anniversary,
        Operator.IS_TRUE: lambda cell, _value, _now: bool(cell),
        Operator.IS_FALSE: lambda cell, _value, _now: not cell,
        Operator.HAS_ANY: lambda cell, texts, _: any(one in cell for one in texts),
        Operator.HAS_ALL: lambda cell, texts, _: all(one in cell for one in texts),
    }
)

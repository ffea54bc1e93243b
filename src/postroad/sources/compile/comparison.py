"""One operator on one cell, as a condition that is never true where the rule is not."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from postroad.core.criteria.operators import POSITIVE_OF
from postroad.core.criteria.schema import Kind
from postroad.core.criteria.tree import Operator
from postroad.core.criteria.values import Around, Between, Scalar, Span, Unit, Value

from .charsets import can_hold
from .constants import Text, constant, constants, like_pattern
from .elements import (
    Anniversary,
    ArrayLength,
    AsTexts,
    Bracketed,
    Call,
    Expression,
    HasTexts,
    JsonIsTrue,
    JsonNumber,
    JsonText,
    Now,
    ReadAsText,
    Shifted,
    Sort,
    is_false,
    is_not_null,
    is_null,
    is_true,
    negated,
)
from .standing import Cell

_NATIVE_TEXTS = ("", "text", "citext", "name", "character", "varchar", "char", "bpchar")
_SORTS = {Kind.DATE: Sort.DAY, Kind.TIMESTAMP: Sort.WALL, Kind.MOMENT: Sort.MOMENT}
_LONGEST: Final = {Unit.DAYS: 366_000, Unit.WEEKS: 52_000, Unit.MONTHS: 12_000, Unit.YEARS: 1000}

_ORDER: Final[dict[Operator, Callable[[Expression, Expression], Expression]]] = {
    Operator.LESS: lambda one, other: one < other,
    Operator.AT_MOST: lambda one, other: one <= other,
    Operator.MORE: lambda one, other: one > other,
    Operator.AT_LEAST: lambda one, other: one >= other,
    Operator.BEFORE: lambda one, other: one < other,
    Operator.AFTER: lambda one, other: one > other,
}


def condition(cell: Cell, operator: Operator, value: Value, now: datetime | None) -> Expression:
    """Truthful. `now` None is the clock of the database. ValueError for what cannot be compared."""
    if operator is Operator.NOT_EMPTY:
        return _is_filled(cell)
    positive = POSITIVE_OF.get(operator)
    if positive is not None:
        return negated(condition(cell, positive, value, now))
    match operator:
        case Operator.EMPTY:
            return _is_empty(cell)
        case Operator.IS_TRUE:
            return is_true(cell.plain())
        case Operator.IS_FALSE:
            return is_false(cell.plain())
        case Operator.HAS_ANY | Operator.HAS_ALL:
            return _has_texts(cell, operator, value)
        case Operator.IN_LAST | Operator.IN_NEXT | Operator.ANNIVERSARY:
            return _in_time(cell, operator, value, now)
        case _:
            held = _held(cell, value)
            return constant(False) if held is None else _compared(cell, operator, held)


# Emptiness.


def _is_empty(cell: Cell) -> Expression:
    match cell.kind:
        case Kind.TEXT:
            return Call("coalesce", _as_text(cell), Text("")) == Text("")
        case Kind.TEXTS:
            return Call("coalesce", cell.take(ArrayLength), constant(0)) == constant(0)
        case Kind.JSON:
            return is_null(_grouped(_json(cell, JsonText)))
        case _:
            return is_null(cell.plain())


def _is_filled(cell: Cell) -> Expression:
    match cell.kind:
        case Kind.TEXT:
            return _as_text(cell) != Text("")
        case Kind.TEXTS:
            return cell.take(ArrayLength) > constant(0)
        case Kind.JSON:
            return is_not_null(_grouped(_json(cell, JsonText)))
        case _:
            return is_not_null(cell.plain())


# Values.


def _held(cell: Cell, value: Value) -> Value:
    """What of the value a column of texts can have; None where no row can."""
    match value:
        case str() if cell.kind is Kind.TEXT and not can_hold(cell.type_words, value):
            return None
        case tuple() if value and cell.kind is Kind.TEXT:
            kept = tuple(one for one in value if can_hold(cell.type_words, str(one)))
            return kept or None
        case _:
            return value


def _compared(cell: Cell, operator: Operator, value: Value) -> Expression:
    left, is_wall = _left(cell, value), cell.kind is Kind.TIMESTAMP
    match operator, value:
        case Operator.IS, bool():
            return is_true(left) if value else is_false(left)
        case ((Operator.CONTAINS | Operator.STARTS | Operator.ENDS), str()):
            before = "" if operator is Operator.STARTS else "%"
            after = "" if operator is Operator.ENDS else "%"
            return left.like(like_pattern(value, before=before, after=after), escape="!")
        case Operator.BETWEEN, Between(low, high):
            return left.between(constant(low, is_wall=is_wall), constant(high, is_wall=is_wall))
        case Operator.IN, tuple() if value:
            return left.in_(constants(value, is_wall=is_wall))
        case Operator.IS, str() | int() | Decimal() | date():
            return left == constant(value, is_wall=is_wall)
        case _, int() | Decimal() | date() if operator in _ORDER:
            return _ORDER[operator](left, constant(value, is_wall=is_wall))
        case _:
            raise ValueError(f"“{operator}” cannot be asked with such a value")


def _left(cell: Cell, value: Value) -> Expression:
    """What the value is compared with: of JSON only what is of the value's type."""
    if cell.kind is Kind.TEXT:
        return _as_text(cell)
    if cell.kind is not Kind.JSON:
        return cell.plain()
    match _example(value):
        case str():
            return _grouped(_json(cell, JsonText))
        case bool():
            return _grouped(_json(cell, JsonIsTrue))
        case _:
            return _grouped(_json(cell, JsonNumber))


def _example(value: Value) -> Scalar | None:
    match value:
        case (first, *_):
            return first
        case Between(low, _):
            return low
        case str() | bool() | int() | Decimal():
            return value
        case _:
            return None


def _json(cell: Cell, sort: type[JsonText | JsonNumber | JsonIsTrue]) -> Expression:
    is_jsonb = cell.type_words != "json"
    return cell.take(lambda inner: sort(inner, cell.json_path, is_jsonb=is_jsonb))


def _grouped(element: Expression) -> Expression:
    return Bracketed(element)


def _as_text(cell: Cell) -> Expression:
    """Enumerations, uuids and the like compare as what they look like."""
    first = cell.type_words.lower().partition("(")[0].partition(" ")[0].rpartition(".")[2]
    return cell.plain() if first in _NATIVE_TEXTS else cell.take(ReadAsText)


def _has_texts(cell: Cell, operator: Operator, value: Value) -> Expression:
    if not isinstance(value, tuple) or not value:
        raise ValueError(f"“{operator}” needs at least one text")
    texts = [Text(text) for text in dict.fromkeys(value) if isinstance(text, str)]
    is_all = operator is Operator.HAS_ALL
    is_text_array = cell.type_words in ("", "text[]")
    return HasTexts(cell.plain() if is_text_array else cell.take(AsTexts), texts, is_all=is_all)


# Time.


def _in_time(cell: Cell, operator: Operator, value: Value, now: datetime | None) -> Expression:
    sort = _SORTS.get(cell.kind)
    match sort, operator, value:
        case Sort(), Operator.ANNIVERSARY, Around():
            return Anniversary(cell.plain(), sort, value, now)
        case Sort(), Operator.IN_LAST, Span():
            start = Shifted(Now(now, sort), _checked(value), is_later=False)
            return cell.plain().between(start, Now(now, sort))
        case Sort(), Operator.IN_NEXT, Span():
            end = Shifted(Now(now, sort), _checked(value), is_later=True)
            return cell.plain().between(Now(now, sort), end)
        case _:
            raise ValueError(f"“{operator}” cannot be asked with such a value")


def _checked(span: Span) -> Span:
    longest = _LONGEST[span.unit]
    if not 1 <= span.count <= longest:
        raise ValueError(f"a span is from 1 to {longest:,} {span.unit}")
    return span

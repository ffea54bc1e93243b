"""The value of a rule from JSON."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from .values import Around, Between, Scalar, Span, Unit, Value

_DECIMAL: Final = re.compile(r"-?[0-9]{1,100}(\.[0-9]{1,100})?")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})"
)


class Refused(Exception):
    """JSON that is no criteria; it never leaves `reading`."""

    def __init__(self, path: str, text: str) -> None:
        super().__init__(path, text)
        self.path = path
        self.text = text


def read_value(given: object, path: str) -> Value:
    match given:
        case list():
            return tuple(_scalar(one, f"{path}[{index}]") for index, one in enumerate(given))
        case {"span": span, **rest} if not rest:
            return _span(span, f"{path}.span")
        case {"around": around, **rest} if not rest:
            return _around(around, f"{path}.around")
        case {"from": low, "to": high, **rest} if not rest:
            ends = _end(low, f"{path}.from"), _end(high, f"{path}.to")
            return Between(*ends)
        case _:
            return _scalar(given, path)


def _scalar(given: object, path: str) -> Scalar:
    match given:
        case str() | bool() | int():
            return given
        case float() | Decimal():
            return _finite(given, path)
        case {**pairs} if len(pairs) == 1:
            return _marked(pairs, path)
        case _:
            raise Refused(
                path, "This is no value: write a text, a number, a list, a date or a span."
            )


def _finite(given: float | Decimal, path: str) -> Decimal:
    number = Decimal(repr(given)) if isinstance(given, float) else given
    if not number.is_finite():
        raise Refused(path, "The number is not finite: write one that is.")
    return number


def _marked(pairs: Mapping[Any, Any], path: str) -> Scalar:
    ((mark, given),) = pairs.items()
    known = _MARKS.get(mark)
    if known is None:
        raise Refused(path, "This is no value: write a text, a number, a list, a date or a span.")
    pattern, read, shown = known
    inner = f"{path}.{mark}"
    if not isinstance(given, str) or not pattern.fullmatch(given):
        raise Refused(inner, f"It is not of the form {shown}: write it so.")
    try:
        return read(given)
    except ValueError:
        raise Refused(inner, "There is no such day or time: correct it.") from None


_MARKS: Final[Mapping[str, tuple[re.Pattern[str], Callable[[str], Scalar], str]]] = {
    "decimal": (_DECIMAL, Decimal, '"20.00"'),
    "date": (_DATE, date.fromisoformat, '"2026-11-24"'),
    "moment": (_MOMENT, datetime.fromisoformat, '"2026-11-24T10:00:00+00:00"'),
}


def _end(given: object, path: str) -> int | Decimal | date | datetime:
    found = _scalar(given, path)
    if isinstance(found, str | bool):
        raise Refused(path, "An end is a number, a date or a moment: write one.")
    return found


def _span(given: object, path: str) -> Span:
    match given:
        case [int() as count, str() as unit] if not isinstance(count, bool) and count >= 1:
            if unit in set(Unit):
                return Span(count, Unit(unit))
    raise Refused(path, 'A span is like [90, "days"]; units are days, weeks, months, years.')


def _around(given: object, path: str) -> Around:
    if isinstance(given, str) and given in set(Around):
        return Around(given)
    raise Refused(path, "It is one of " + ", ".join(f"“{one}”" for one in Around) + ".")

"""What is wrong with the value of a rule, before any server sees it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, assert_never

from .operators import PARTS_OF_TEXT, Form, Shape, Sort
from .tree import Operator
from .values import Around, Between, Span, Unit, Value

MAX_LIST: Final = 10_000
MAX_TEXT_BYTES: Final = 1_048_576
MAX_DIGITS: Final = 38
MAX_DIGITS_AFTER_POINT: Final = 30
MAX_SPAN: Final = MappingProxyType(
    {Unit.DAYS: 366_000, Unit.WEEKS: 52_000, Unit.MONTHS: 12_000, Unit.YEARS: 1000}
)
"""So that the present, moved by it, stays within what servers can say."""

Found = str | None
"""What is wrong, ending with what to do; None where nothing is."""


def value_fault(value: Value, shape: Shape, operator: Operator) -> Found:
    match shape.form:
        case Form.NOTHING:
            return None if value is None else f"“{operator}” takes no value: remove it."
        case Form.ONE:
            return _one_fault(value, shape, operator)
        case Form.LIST:
            return _list_fault(value, shape)
        case Form.BETWEEN:
            return _between_fault(value, shape)
        case Form.SPAN:
            return _span_fault(value)
        case Form.AROUND:
            return None if isinstance(value, Around) else "No time is chosen: choose one."
        case _:
            assert_never(shape.form)


def text_bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def texts_in(value: Value) -> Iterator[str]:
    """Every text of a value."""
    several = value if isinstance(value, tuple) else (value,)
    yield from (one for one in several if isinstance(one, str))


def text_fault(text: str) -> Found:
    """Of a text that no server could hold."""
    if "\0" in text:
        return "The text contains NUL, which no database keeps: remove it."
    if any("\ud800" <= character <= "\udfff" for character in text):
        return "The text contains half a character (a lone surrogate): type it again."
    if text_bytes(text) > MAX_TEXT_BYTES:
        return f"The text is longer than {MAX_TEXT_BYTES:,} bytes: shorten it."
    return None


def _one_fault(value: Value, shape: Shape, operator: Operator) -> Found:
    sort = _sort_of(value, shape)
    if sort is None:
        return f"The value is not {_wanted(shape)}: enter one."
    if operator in PARTS_OF_TEXT and value == "":
        return f"“{operator}” needs a text of at least one character: type it."
    return _CONTENT[sort](value)


def _list_fault(value: Value, shape: Shape) -> Found:
    if not isinstance(value, tuple):
        return f"The value is not a list, each {_wanted(shape)}: enter one."
    if not value:
        return "The list is empty: enter at least one value."
    if len(value) > MAX_LIST:
        return f"The list has more than {MAX_LIST:,} values: make an audience of a table of them."
    sorts = {_sort_of(one, shape) for one in value}
    if None in sorts or len(sorts) > 1:
        return f"The values of the list are not all of one sort, each {_wanted(shape)}: change it."
    sort = _sort_of(value[0], shape)
    faults = (_CONTENT[sort](one) for one in value) if sort else iter(())
    return next((fault for fault in faults if fault), None)


def _between_fault(value: Value, shape: Shape) -> Found:
    if not isinstance(value, Between):
        return "The value is not a pair of ends: enter both."
    low, high = _sort_of(value.low, shape), _sort_of(value.high, shape)
    if low is None or high is None:
        return f"An end is not {_wanted(shape)}: enter both."
    fault = _CONTENT[low](value.low) or _CONTENT[high](value.high)
    ends: tuple[Any, Any] = (value.low, value.high)
    if fault is None and ends[0] > ends[1]:
        return "The first end lies after the second: swap them."
    return fault


def _span_fault(value: Value) -> Found:
    is_span = isinstance(value, Span) and type(value.count) is int
    if not isinstance(value, Span) or not is_span or not isinstance(value.unit, Unit):
        return "The value is not a number of days, weeks, months or years: enter one."
    longest = MAX_SPAN[value.unit]
    if not 1 <= value.count <= longest:
        return f"A time is from 1 to {longest:,} {value.unit}: change the number."
    return None


def _sort_of(value: object, shape: Shape) -> Sort | None:
    """Which of the shape's sorts it is."""
    return next((sort for sort in shape.sorts if _IS[sort](value)), None)


def _wanted(shape: Shape) -> str:
    return " or ".join(_SHOWN[sort] for sort in shape.sorts)


_SHOWN: Final[Mapping[Sort, str]] = {
    Sort.TEXT: "a text",
    Sort.WHOLE: "a whole number",
    Sort.NUMBER: "a number",
    Sort.FLAG: "true or false",
    Sort.DAY: "a day",
    Sort.MOMENT: "a moment with its zone",
}

# A bool is an int and a datetime is a date to Python, but not to a rule.
_IS: Final[Mapping[Sort, Callable[[object], bool]]] = {
    Sort.TEXT: lambda value: isinstance(value, str),
    Sort.WHOLE: lambda value: type(value) is int,
    Sort.NUMBER: lambda value: type(value) in (int, Decimal),
    Sort.FLAG: lambda value: type(value) is bool,
    Sort.DAY: lambda value: type(value) is date,
    Sort.MOMENT: lambda value: isinstance(value, datetime) and value.utcoffset() is not None,
}


def _whole_fault(number: int) -> Found:
    if -(2**63) <= number < 2**63:
        return None
    return "The number is too large for 64 bits: enter a smaller one."


def _number_fault(number: int | Decimal) -> Found:
    if isinstance(number, int):
        return _whole_fault(number)
    if not number.is_finite():
        return "The number is not finite: enter one that is."
    _, digits, exponent = number.as_tuple()
    after = max(0, -int(exponent))
    before = max(0, len(digits) + int(exponent))
    if after > MAX_DIGITS_AFTER_POINT or before + after > MAX_DIGITS:
        return (
            f"The number has more than {MAX_DIGITS} digits, or more than"
            f" {MAX_DIGITS_AFTER_POINT} after the point: round it."
        )
    return None


def _moment_fault(moment: datetime) -> Found:
    try:
        moment.astimezone(UTC)
    except OverflowError:
        return "The moment lies outside the years 1 to 9999: choose another."
    return None


_CONTENT: Final[Mapping[Sort, Callable[[Any], Found]]] = {
    Sort.TEXT: text_fault,
    Sort.WHOLE: _whole_fault,
    Sort.NUMBER: _number_fault,
    Sort.FLAG: lambda _: None,
    Sort.DAY: lambda _: None,
    Sort.MOMENT: _moment_fault,
}

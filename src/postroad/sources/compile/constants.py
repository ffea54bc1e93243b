"""Values as constants of SQL, each of its own type; how a dialect writes them is in `dialects`.

None of them is a parameter, and none passes through SQLAlchemy's own literals, whose meaning
changes with the server's settings.
"""

import math
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.sql.elements import ColumnElement

from postroad.core.criteria.values import Scalar

MAX_DIGITS = 1000


class Constant(ColumnElement[Any]):
    """A value that the SQL itself holds."""

    inherit_cache = False


class Text(Constant):
    __visit_name__ = "own_text"

    def __init__(self, text: str) -> None:
        refuse_unspeakable(text)
        self.text = text


class Number(Constant):
    """Never in scientific notation, which would make it a float."""

    __visit_name__ = "own_number"

    def __init__(self, number: int | Decimal) -> None:
        if isinstance(number, Decimal) and not number.is_finite():
            raise ValueError("NaN and infinity are not numbers to compare with")
        if isinstance(number, Decimal):
            _, digits, exponent = number.as_tuple()
            length = len(digits) + abs(int(exponent))
        else:
            length = int(abs(number).bit_length() * math.log10(2))
        if length > MAX_DIGITS:
            raise ValueError(f"a number of more than {MAX_DIGITS:,} digits is too long")
        self.digits = format(number, "f") if isinstance(number, Decimal) else str(int(number))


class Flag(Constant):
    __visit_name__ = "own_flag"

    def __init__(self, *, flag: bool) -> None:
        self.flag = flag


class Day(Constant):
    __visit_name__ = "own_day"

    def __init__(self, day: date) -> None:
        self.iso = f"{day.year:04}-{day.month:02}-{day.day:02}"


class Wall(Constant):
    """A date and time of day of no zone."""

    __visit_name__ = "own_wall"

    def __init__(self, wall: datetime) -> None:
        self.iso = _iso(wall)


class Moment(Constant):
    """A point in time, written in UTC."""

    __visit_name__ = "own_moment"

    def __init__(self, moment: datetime) -> None:
        self.iso = _iso(_in_utc(moment))


def constant(value: Scalar, *, is_wall: bool = False) -> Constant:
    """`is_wall`: a moment is meant as the time of day that it is in UTC."""
    match value:
        case bool():
            return Flag(flag=value)
        case str():
            return Text(value)
        case int() | Decimal():
            return Number(value)
        case datetime():
            return Wall(_in_utc(value)) if is_wall else Moment(value)
        case date():
            return Day(value)
        case _:
            raise ValueError(f"a {type(value).__name__} is no value of a rule")


def constants(values: Iterable[Scalar], *, is_wall: bool = False) -> list[Constant]:
    """Each once, in their order."""
    return [constant(value, is_wall=is_wall) for value in dict.fromkeys(values)]


def refuse_unspeakable(text: str) -> None:
    """ValueError for what no text column of a server holds."""
    if "\0" in text:
        raise ValueError("a text with NUL cannot be in SQL")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("a text with a lone surrogate cannot be in SQL")


def like_pattern(text: str, *, before: str = "", after: str = "") -> Text:
    """The text as itself in a LIKE whose escape character is '!'."""
    escaped = text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return Text(f"{before}{escaped}{after}")


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("a moment outside the years 1 to 9999 cannot be in SQL") from None


def _iso(moment: datetime) -> str:
    return (
        f"{moment.year:04}-{moment.month:02}-{moment.day:02}"
        f" {moment.hour:02}:{moment.minute:02}:{moment.second:02}.{moment.microsecond:06}"
    )

"""Spans and anniversaries, as PostgreSQL's interval arithmetic has them."""

import calendar
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar, assert_never

from .values import Around, Span, Unit

Day = TypeVar("Day", bound=date)
"""A day, or a moment: the time of day stays as it is."""


def in_utc(moment: datetime) -> datetime:
    """As it is where UTC has no such year: `check` refuses such a moment, but words have it."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return moment


def before(day: Day, span: Span) -> Day:
    """So long before; a month back from 31 March is the last of February."""
    return _moved(day, span, -1)


def after(day: Day, span: Span) -> Day:
    return _moved(day, span, 1)


def _moved(day: Day, span: Span, direction: int) -> Day:
    count = direction * span.count
    match span.unit:
        case Unit.DAYS:
            return day + timedelta(days=count)
        case Unit.WEEKS:
            return day + timedelta(weeks=count)
        case Unit.MONTHS:
            return _months_later(day, count)
        case Unit.YEARS:
            return _months_later(day, 12 * count)
        case _:
            assert_never(span.unit)


def _months_later(day: Day, months: int) -> Day:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return day.replace(year=year, month=month + 1, day=min(day.day, last))


def has_anniversary(day: date, around: Around, today: date) -> bool:
    """Its own year plays no part; 29 February falls on 28 February in years without one."""
    return any(_falls_on(day, one) for one in _days_of(around, today))


def _falls_on(day: date, other: date) -> bool:
    if (day.month, day.day) == (2, 29) and not calendar.isleap(other.year):
        return (other.month, other.day) == (2, 28)
    return (day.month, day.day) == (other.month, other.day)


def _days_of(around: Around, today: date) -> Iterator[date]:
    first, last = ends_of(around, today)
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def ends_of(around: Around, today: date) -> tuple[date, date]:
    """The first and the last day that it means today."""
    monday = today - timedelta(days=today.weekday())
    match around:
        case Around.TODAY:
            return today, today
        case Around.TOMORROW:
            return today + timedelta(days=1), today + timedelta(days=1)
        case Around.THIS_WEEK:
            return monday, monday + timedelta(days=6)
        case Around.NEXT_WEEK:
            return monday + timedelta(days=7), monday + timedelta(days=13)
        case Around.THIS_MONTH:
            return _month_of(today)
        case Around.NEXT_MONTH:
            return _month_of(_months_later(today.replace(day=1), 1))
        case _:
            assert_never(around)


def _month_of(day: date) -> tuple[date, date]:
    last = calendar.monthrange(day.year, day.month)[1]
    return day.replace(day=1), day.replace(day=last)

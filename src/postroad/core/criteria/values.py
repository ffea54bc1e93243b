"""What a rule compares a column with."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class Unit(StrEnum):
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


@dataclass(frozen=True, slots=True)
class Span:
    """So many days, weeks, months or years, from 1."""

    count: int
    unit: Unit


class Around(StrEnum):
    """When an anniversary falls, seen from today; weeks begin on Monday (ISO 8601)."""

    TODAY = "today"
    TOMORROW = "tomorrow"
    THIS_WEEK = "this week"
    NEXT_WEEK = "next week"
    THIS_MONTH = "this month"
    NEXT_MONTH = "next month"


Scalar = str | int | Decimal | bool | date | datetime
"""Text, whole and decimal numbers, yes or no, days, and moments with their zone."""


@dataclass(frozen=True, slots=True)
class Between:
    """Both ends belong to it."""

    low: int | Decimal | date | datetime
    high: int | Decimal | date | datetime


Value = None | Scalar | tuple[Scalar, ...] | Between | Span | Around
"""None for operators that compare with nothing."""

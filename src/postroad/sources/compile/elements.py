"""The parts of a statement that SQLAlchemy has not, or not so that both dialects can be read.

They say what is meant; `postgresql` and `mariadb` say how it is written. An element that is true
exactly where its rule holds, and else false or NULL, is called truthful here; AND and OR of
truthful elements are truthful, and `negated` makes the exact opposite of one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import FromClause, TableClause

from postroad.core.criteria.values import Around, Span

from .constants import Constant, Day, Moment, Text, constant

Expression = ColumnElement[Any]


class Element(ColumnElement[Any]):
    inherit_cache = False
    is_two_valued: bool = False
    """Never NULL, so that NOT is its opposite."""


class Joint(StrEnum):
    AND = "AND"
    OR = "OR"


class Lines(Element):
    """Several conditions, one a line."""

    __visit_name__ = "own_lines"

    def __init__(self, joint: Joint, parts: Sequence[Expression]) -> None:
        self.joint = joint
        self.parts = tuple(parts)
        self.is_two_valued = all(getattr(part, "is_two_valued", False) for part in parts)


def all_of(parts: Sequence[Expression]) -> Expression:
    """At least one part; the parts of an AND among them become its own."""
    flat: list[Expression] = []
    for part in parts:
        is_and = isinstance(part, Lines) and part.joint is Joint.AND
        flat.extend(part.parts if isinstance(part, Lines) and is_and else (part,))
    return flat[0] if len(flat) == 1 else Lines(Joint.AND, flat)


def any_of(parts: Sequence[Expression]) -> Expression:
    return parts[0] if len(parts) == 1 else Lines(Joint.OR, parts)


class Negated(Element):
    """Use `negated`."""

    __visit_name__ = "own_negated"
    is_two_valued = True

    def __init__(self, element: Expression) -> None:
        self.element = element
        self.is_plain = getattr(element, "is_two_valued", False)


def negated(element: Expression) -> Expression:
    """True where a truthful element is false or NULL; never NULL itself."""
    if isinstance(element, TruthIs):
        return element.opposite()
    if isinstance(element, Negated):
        inner = element.element
        return inner if element.is_plain else TruthIs(Bracketed(inner), "IS TRUE")
    return Negated(element)


class TruthIs(Element):
    """`x IS TRUE`, `x IS FALSE`, `x IS NULL`, `x IS NOT NULL`."""

    __visit_name__ = "own_truth_is"
    is_two_valued = True

    def __init__(self, element: Expression, words: str) -> None:
        self.element = element
        self.words = words

    def opposite(self) -> "TruthIs":
        is_negative = self.words.startswith("IS NOT ")
        verb, other = ("IS NOT ", "IS ") if is_negative else ("IS ", "IS NOT ")
        return TruthIs(self.element, self.words.replace(verb, other, 1))


def is_true(element: Expression) -> Expression:
    return TruthIs(element, "IS TRUE")


def is_false(element: Expression) -> Expression:
    return TruthIs(element, "IS FALSE")


def is_null(element: Expression) -> Expression:
    return TruthIs(element, "IS NULL")


def is_not_null(element: Expression) -> Expression:
    return TruthIs(element, "IS NOT NULL")


class RoutineRows(Element):
    """What a deployed routine returns, under a name."""

    __visit_name__ = "own_routine_rows"

    def __init__(self, schema: str, name: str, rows: TableClause) -> None:
        self.schema = schema
        self.name = name
        self.rows = rows


class Derived(Element):
    """The rows of a query, under a name."""

    __visit_name__ = "own_derived"

    def __init__(self, query: "Query", rows: TableClause) -> None:
        self.query = query
        self.rows = rows


@dataclass(frozen=True, slots=True)
class Join:
    table: FromClause
    on: Expression


class Query(Element):
    """A SELECT of one table, or of one that others are joined to."""

    __visit_name__ = "own_query"

    def __init__(
        self,
        columns: Sequence[Expression],
        source: FromClause | RoutineRows | Derived,
        where: Expression | None,
        *,
        joins: Sequence[Join] = (),
        group_by: Sequence[Expression] = (),
        having: Expression | None = None,
        order: Sequence[Expression] = (),
        limit: int | None = None,
    ) -> None:
        self.columns_ = tuple(columns)
        self.source = source
        self.joins = tuple(joins)
        self.where = where
        self.group_by = tuple(group_by)
        self.having = having
        self.order = tuple(order)
        self.limit = limit


class Place(Element):
    """The number of a row among those of its group, the last being 1; NULL comes before all."""

    __visit_name__ = "own_place"

    def __init__(self, group: Sequence[Expression], by: Sequence[Expression]) -> None:
        self.group = tuple(group)
        self.by = tuple(by)


class Exists(Element):
    __visit_name__ = "own_exists"
    is_two_valued = True

    def __init__(self, query: Query) -> None:
        self.query = query


class Scalar(Element):
    """The one value of a query of one row at most; NULL without a row."""

    __visit_name__ = "own_scalar"

    def __init__(self, query: Query) -> None:
        self.query = query


class Named(Element):
    """`x AS name` in the columns of a query."""

    __visit_name__ = "own_named"

    def __init__(self, element: Expression, name: str) -> None:
        self.element = element
        self.name = name


class Call(Element):
    """A function of the server by its plain name."""

    __visit_name__ = "own_call"

    def __init__(self, name: str, *arguments: Expression) -> None:
        self.name = name
        self.arguments = arguments


class Count(Element):
    """Of rows."""

    __visit_name__ = "own_count"


class AsText(Element):
    __visit_name__ = "own_as_text"

    def __init__(self, element: Expression) -> None:
        self.element = element


class Octets(Element):
    """A text that compares octet by octet, whatever collation its column has: PostgreSQL only."""

    __visit_name__ = "own_octets"

    def __init__(self, element: Expression) -> None:
        self.element = element


class ReadAsText(Element):
    """A column that shows as text but is none to PostgreSQL: an enumeration, a uuid."""

    __visit_name__ = "own_read_as_text"

    def __init__(self, element: Expression) -> None:
        self.element = element


class AsTexts(Element):
    """An array of something like text as one of text."""

    __visit_name__ = "own_as_texts"

    def __init__(self, element: Expression) -> None:
        self.element = element


class Bracketed(Element):
    """In brackets, unless it has its own."""

    __visit_name__ = "own_bracketed"

    def __init__(self, element: Expression) -> None:
        self.element = element


class Json(Element):
    """What lies in a document: `path` are keys, outermost first."""

    def __init__(self, document: Expression, path: tuple[str, ...], *, is_jsonb: bool) -> None:
        self.document = document
        self.path = tuple(Text(key) for key in path)
        self.keys = path
        self.is_jsonb = is_jsonb


class JsonText(Json):
    """Its text, whatever its type; NULL where nothing or null is."""

    __visit_name__ = "own_json_text"


class JsonNumber(Json):
    """NULL unless it is a number."""

    __visit_name__ = "own_json_number"


class JsonIsTrue(Json):
    """Whether it is true; NULL unless it is a boolean."""

    __visit_name__ = "own_json_is_true"


class HasTexts(Element):
    """Whether an array of texts has one of some, or all of them."""

    __visit_name__ = "own_has_texts"

    def __init__(self, array: Expression, texts: Sequence[Text], *, is_all: bool) -> None:
        self.array = array
        self.texts = tuple(texts)
        self.is_all = is_all


class ArrayLength(Element):
    __visit_name__ = "own_array_length"

    def __init__(self, array: Expression) -> None:
        self.array = array


class Sort(StrEnum):
    """What a point of the calendar is compared with."""

    DAY = "day"
    WALL = "wall"
    MOMENT = "moment"


class Now(Element):
    """The present; `at` None is the clock of the database when the statement runs."""

    __visit_name__ = "own_now"

    def __init__(self, at: datetime | None, sort: Sort) -> None:
        self.at = at
        self.sort = sort


def constant_now(at: datetime, sort: Sort) -> Constant:
    """The present as the constant that it is in a test or a count."""
    match sort:
        case Sort.DAY:
            return Day(at.astimezone(UTC).date())
        case Sort.WALL:
            return constant(at, is_wall=True)
        case Sort.MOMENT:
            return Moment(at)


class Shifted(Element):
    """The present, so much earlier or later; months as the calendar has them, in UTC."""

    __visit_name__ = "own_shifted"

    def __init__(self, now: Now, span: Span, *, is_later: bool) -> None:
        self.now = now
        self.span = span
        self.sign = "+" if is_later else "-"


class Anniversary(Element):
    """Whether the day of a date, a wall time or a moment (in UTC) comes round about now."""

    __visit_name__ = "own_anniversary"

    def __init__(
        self, element: Expression, sort: Sort, around: Around, at: datetime | None
    ) -> None:
        self.element = element
        self.sort = sort
        self.around = around
        self.wall = Now(at, Sort.WALL)
        self.today = Now(at, Sort.DAY)


class Variables(Element):
    """A JSON object of columns by name; `kinds` say which need care to become JSON."""

    __visit_name__ = "own_variables"

    def __init__(self, pairs: Sequence[tuple[str, Expression, str]]) -> None:
        self.pairs = tuple((Text(name), element, kind) for name, element, kind in pairs)

"""How PostgreSQL writes it: right with standard_conforming_strings on or off, 12 to 18."""

import re
import unicodedata
from typing import Any

from sqlalchemy.dialects.postgresql.base import (
    RESERVED_WORDS,
    PGCompiler,
    PGDialect,
)
from sqlalchemy.sql.elements import ClauseElement

from postroad.core.criteria.values import Around, Span

from . import elements as e
from .constants import Text
from .layout import block
from .writing import OwnNames, OwnWriting, one_a_line

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
_KEYWORDS = RESERVED_WORDS | {
    "collation",
    "concurrently",
    "lateral",
    "tablesample",
    "values",
    "system_user",
}
_INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp", "Cn", "Co"})
_TAB = "    "
_CHUNK = 40
"""Pairs to a call: a function takes 100 arguments."""


def text_constant(text: str) -> str:
    """E'…': a backslash in a plain '…' changes its meaning with the server's settings.

    What cannot be seen is escaped, so that nobody is deceived about what a routine says.
    """
    doubled = text.replace("\\", "\\\\").replace("'", "''")
    if not doubled.isprintable():
        doubled = "".join(map(_visible, doubled))
    return f"E'{doubled}'"


def _visible(character: str) -> str:
    if unicodedata.category(character) not in _INVISIBLE:
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


class _Names(OwnNames):
    def is_plain(self, _ident: str) -> bool:
        return bool(_PLAIN.fullmatch(_ident)) and _ident not in _KEYWORDS


class _Writing(OwnWriting, PGCompiler):
    last_first = "DESC NULLS LAST"

    def visit_own_text(self, element: Text, **_: Any) -> str:
        return text_constant(element.text)

    def visit_own_day(self, element: Any, **_: Any) -> str:
        return f"DATE '{element.iso}'"

    def visit_own_wall(self, element: Any, **_: Any) -> str:
        return f"TIMESTAMP '{element.iso}'"

    def visit_own_moment(self, element: Any, **_: Any) -> str:
        return f"TIMESTAMPTZ '{element.iso}+00'"

    def visit_own_as_text(self, element: e.AsText, **_: Any) -> str:
        return f"CAST({self.write(element.element)} AS text)"

    def visit_own_octets(self, element: e.Octets, **_: Any) -> str:
        return f'{self.write(element.element)} COLLATE "C"'

    def visit_own_read_as_text(self, element: e.ReadAsText, **_: Any) -> str:
        return f"CAST({self.write(element.element)} AS text)"

    def visit_own_as_texts(self, element: e.AsTexts, **_: Any) -> str:
        return f"CAST({self.write(element.element)} AS text[])"

    # JSON: by keys only, so that a key '0' never means a place in an array.

    def visit_own_json_text(self, element: e.Json, **_: Any) -> str:
        document = self.write(element.document)
        if not element.path:
            return f"{document} #>> '{{}}'"
        *outer, last = map(self.write, element.path)
        return f"{' -> '.join([document, *outer])} ->> {last}"

    def _json_and_type(self, element: e.Json) -> tuple[str, str]:
        """The text, and the type of what lies there."""
        inner = " -> ".join(map(self.write, (element.document, *element.path)))
        function = "jsonb_typeof" if element.is_jsonb else "json_typeof"
        return self.visit_own_json_text(element), f"{function}({inner})"

    def visit_own_json_number(self, element: e.JsonNumber, **_: Any) -> str:
        text, kind = self._json_and_type(element)
        return f"CASE WHEN {kind} = 'number' THEN CAST({text} AS numeric) END"

    def visit_own_json_is_true(self, element: e.JsonIsTrue, **_: Any) -> str:
        text, kind = self._json_and_type(element)
        return f"CASE WHEN {kind} = 'boolean' THEN {text} = 'true' END"

    # Arrays.

    def visit_own_has_texts(self, element: e.HasTexts, **_: Any) -> str:
        operator = "@>" if element.is_all else "&&"
        texts = self.listed(element.texts)
        return f"{self.write(element.array)} {operator} ARRAY[{texts}]"

    def visit_own_array_length(self, element: e.ArrayLength, **_: Any) -> str:
        return f"cardinality({self.write(element.array)})"

    # Time. Spans are counted in UTC: an interval on a timestamptz would be so in the session's.

    def visit_own_now(self, element: e.Now, **_: Any) -> str:
        if element.at is not None:
            return self.write(e.constant_now(element.at, element.sort))
        match element.sort:
            case e.Sort.DAY:
                return "CAST(now() AT TIME ZONE 'UTC' AS date)"
            case e.Sort.WALL:
                return "(now() AT TIME ZONE 'UTC')"
            case e.Sort.MOMENT:
                return "now()"

    def visit_own_shifted(self, element: e.Shifted, **_: Any) -> str:
        interval = f"{element.sign} INTERVAL '{_span_words(element.span)}'"
        now = element.now
        match now.sort:
            case e.Sort.DAY:
                return f"CAST({self.write(now)} {interval} AS date)"
            case e.Sort.WALL:
                return f"{self.write(now)} {interval}"
            case e.Sort.MOMENT:
                wall = self.write(e.Now(now.at, e.Sort.WALL))
                return f"(({wall} {interval}) AT TIME ZONE 'UTC')"

    def visit_own_anniversary(self, element: e.Anniversary, **_: Any) -> str:
        """By month and day; 29 February is due on the last day of February."""
        first, last = self._ends(element)
        lines = block(
            "SELECT unnest(ARRAY[",
            f"{_TAB}to_char(due, 'MM-DD'),",
            f"{_TAB}CASE to_char(due + INTERVAL '1 day', 'MM-DD') WHEN '03-01' THEN '02-29' END])",
            f"FROM generate_series({first}, {last}, INTERVAL '1 day') AS due",
        )
        return f"to_char({self._wall_of(element)}, 'MM-DD') IN ({lines})"

    def _wall_of(self, element: e.Anniversary) -> str:
        inner = self.write(element.element)
        match element.sort:
            case e.Sort.DAY:
                return f"CAST({inner} AS timestamp)"
            case e.Sort.WALL:
                return inner
            case e.Sort.MOMENT:
                return f"{inner} AT TIME ZONE 'UTC'"

    def _ends(self, element: e.Anniversary) -> tuple[str, str]:
        """The first and the last day meant, as timestamps."""
        wall = self.write(element.wall)
        day, week, month = (f"date_trunc('{unit}', {wall})" for unit in ("day", "week", "month"))
        match element.around:
            case Around.TODAY:
                return day, day
            case Around.TOMORROW:
                return f"{day} + INTERVAL '1 day'", f"{day} + INTERVAL '1 day'"
            case Around.THIS_WEEK:
                return week, f"{week} + INTERVAL '6 days'"
            case Around.NEXT_WEEK:
                return f"{week} + INTERVAL '7 days'", f"{week} + INTERVAL '13 days'"
            case Around.THIS_MONTH:
                return month, f"{month} + INTERVAL '1 month -1 day'"
            case Around.NEXT_MONTH:
                return f"{month} + INTERVAL '1 month'", f"{month} + INTERVAL '2 months -1 day'"

    def visit_own_variables(self, element: e.Variables, **_: Any) -> str:
        pairs = [f"{self.write(name)}, {self.write(value)}" for name, value, _ in element.pairs]
        calls = [
            f"jsonb_build_object({one_a_line(pairs[start : start + _CHUNK])})"
            for start in range(0, len(pairs), _CHUNK)
        ]
        return " || ".join(calls) or "jsonb_build_object()"


def _span_words(span: Span) -> str:
    return f"{int(span.count)} {span.unit.value}"


class _Dialect(PGDialect):
    statement_compiler = _Writing
    preparer = _Names  # type: ignore[assignment]
    supports_statement_cache = False


_DIALECT = _Dialect(paramstyle="named")  # type: ignore[no-untyped-call]


def write(element: ClauseElement) -> str:
    """With marks for its lines."""
    return str(element.compile(dialect=_DIALECT))


def name(ident: str) -> str:
    """A name, in quotes where it needs them."""
    return _Names(_DIALECT).quote(ident)


def body_constant(body: str) -> str:
    """The body of a function as a string, for servers without BEGIN ATOMIC, its lines kept.

    A dollar quote has no escapes, so only its own tag could end it early.
    """
    tag, number = "$people$", 1
    while tag in body:
        tag, number = f"$people{number}$", number + 1
    return f"{tag}\n{body}\n{tag}"

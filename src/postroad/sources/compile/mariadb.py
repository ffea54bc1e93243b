"""How MariaDB and MySQL write it: right under every sql_mode, MariaDB from 10.6.

A text is a hexadecimal constant with the charset named, and no collation: the column's own holds.
The session's time_zone is '+00:00' where columns of type TIMESTAMP are compared.
"""

import json
import re
from typing import Any

from sqlalchemy.dialects.mysql.base import MySQLCompiler, MySQLDialect
from sqlalchemy.sql.elements import ClauseElement

from postroad.core.criteria.schema import Kind
from postroad.core.criteria.values import Around, Span

from . import elements as e
from .constants import Number, Text, refuse_unspeakable
from .layout import block, lines_of
from .writing import OwnNames, OwnWriting, one_a_line

_TELLABLE = re.compile(r"[A-Za-z0-9 @._$%-]{1,60}")
_MAX_DIGITS = 65
_MAX_SCALE = 30
_EVEN = "utf8mb4_nopad_bin"
"""Of texts in JSON, which have no column's collation."""
_HARMLESS = {"\\": "＼", "'": "’", '"': "”"}
_ITEM = f"item LONGTEXT CHARACTER SET utf8mb4 COLLATE {_EVEN} PATH '$'"


def text_constant(text: str) -> str:
    """Its octets; beside them in words what is harmless in a comment."""
    told = f" /* {text} */" if _TELLABLE.fullmatch(text) else ""
    return f"_utf8mb4 X'{text.encode().hex().upper()}'{told}"


class _Names(OwnNames):
    max_octets = 64

    def length_of(self, ident: str) -> int:
        return len(ident)

    def __init__(self, dialect: Any, **_: Any) -> None:
        super().__init__(dialect, initial_quote="`", escape_quote="`")


class _Writing(OwnWriting, MySQLCompiler):
    true_words = "TRUE"
    false_words = "FALSE"

    def visit_own_text(self, element: Text, **_: Any) -> str:
        return text_constant(element.text)

    def visit_own_number(self, element: Number, **_: Any) -> str:
        """More digits than a DECIMAL has would make it a float."""
        whole, _point, part = element.digits.lstrip("-").partition(".")
        part = part.rstrip("0")
        if len(whole.lstrip("0")) + len(part) > _MAX_DIGITS or len(part) > _MAX_SCALE:
            raise ValueError(
                f"a number of more than {_MAX_DIGITS} digits, or {_MAX_SCALE} after the point,"
                " is too long for this server"
            )
        sign = "-" if element.digits.startswith("-") else ""
        return f"{sign}{whole}.{part}" if part else f"{sign}{whole}"

    def visit_own_day(self, element: Any, **_: Any) -> str:
        return f"DATE'{element.iso}'"

    def visit_own_wall(self, element: Any, **_: Any) -> str:
        return f"TIMESTAMP'{element.iso}'"

    def visit_own_moment(self, element: Any, **_: Any) -> str:
        return f"TIMESTAMP'{element.iso}'"

    def visit_own_as_text(self, element: e.AsText, **_: Any) -> str:
        return f"CAST({self.write(element.element)} AS CHAR)"

    def visit_own_read_as_text(self, element: e.ReadAsText, **_: Any) -> str:
        return self.write(element.element)

    def visit_own_as_texts(self, element: e.AsTexts, **_: Any) -> str:
        return self.write(element.element)

    # JSON.

    def _json_at(self, element: e.Json) -> str:
        path = "$" + "".join(f".{json.dumps(key, ensure_ascii=False)}" for key in element.keys)
        return f"JSON_EXTRACT({self.write(element.document)}, {text_constant(path)})"

    def visit_own_json_text(self, element: e.JsonText, **_: Any) -> str:
        at = self._json_at(element)
        return (
            f"CASE WHEN JSON_TYPE({at}) <> 'NULL'"
            f" THEN CONVERT(JSON_UNQUOTE({at}) USING utf8mb4) COLLATE {_EVEN} END"
        )

    def visit_own_json_number(self, element: e.JsonNumber, **_: Any) -> str:
        at = self._json_at(element)
        return (
            f"CASE WHEN JSON_TYPE({at}) IN ('INTEGER', 'DOUBLE', 'DECIMAL', 'UNSIGNED INTEGER')"
            f" THEN CAST(JSON_UNQUOTE({at}) AS DECIMAL({_MAX_DIGITS}, {_MAX_SCALE})) END"
        )

    def visit_own_json_is_true(self, element: e.JsonIsTrue, **_: Any) -> str:
        at = self._json_at(element)
        return f"CASE WHEN JSON_TYPE({at}) = 'BOOLEAN' THEN JSON_UNQUOTE({at}) = 'true' END"

    # Arrays are JSON here.

    def visit_own_has_texts(self, element: e.HasTexts, **_: Any) -> str:
        if not element.is_all:
            return self._has_one_of(element, self.listed(element.texts))
        each = [self._has_one_of(element, self.write(text)) for text in element.texts]
        return each[0] if len(each) == 1 else f"({' AND '.join(each)})"

    def _has_one_of(self, element: e.HasTexts, texts: str) -> str:
        array = self.write(element.array)
        items = f"JSON_TABLE({array}, '$[*]' COLUMNS ({_ITEM}))"
        query = block("SELECT 1", f"FROM {items} AS items", f"WHERE items.item IN ({texts})")
        return f"EXISTS ({query})"

    def visit_own_array_length(self, element: e.ArrayLength, **_: Any) -> str:
        return f"JSON_LENGTH({self.write(element.array)})"

    # Time.

    def visit_own_now(self, element: e.Now, **_: Any) -> str:
        if element.at is not None:
            return self.write(e.constant_now(element.at, element.sort))
        return "UTC_DATE()" if element.sort is e.Sort.DAY else "UTC_TIMESTAMP(6)"

    def visit_own_shifted(self, element: e.Shifted, **_: Any) -> str:
        return f"{self.write(element.now)} {element.sign} {_interval(element.span)}"

    def visit_own_anniversary(self, element: e.Anniversary, **_: Any) -> str:
        """In the year of the first of the days meant, or of the last: a week may span two."""
        first, last = self._ends(element)
        inner = self.write(element.element)
        day = inner if element.sort is e.Sort.DAY else f"DATE({inner})"
        if first == last:
            return f"{_in_year_of(first, day)} = {first}"
        tries = [f"{_in_year_of(end, day)} BETWEEN {first} AND {last}" for end in (first, last)]
        return f"({block(lines_of(tries, e.Joint.OR))})"

    def _ends(self, element: e.Anniversary) -> tuple[str, str]:
        today = self.write(element.today)
        week = f"{today} - INTERVAL WEEKDAY({today}) DAY"
        month = f"{today} - INTERVAL (DAYOFMONTH({today}) - 1) DAY"
        match element.around:
            case Around.TODAY:
                return today, today
            case Around.TOMORROW:
                return f"{today} + INTERVAL 1 DAY", f"{today} + INTERVAL 1 DAY"
            case Around.THIS_WEEK:
                return week, f"{week} + INTERVAL 6 DAY"
            case Around.NEXT_WEEK:
                return f"{week} + INTERVAL 7 DAY", f"{week} + INTERVAL 13 DAY"
            case Around.THIS_MONTH:
                return month, f"LAST_DAY({today})"
            case Around.NEXT_MONTH:
                first = f"{month} + INTERVAL 1 MONTH"
                return first, f"LAST_DAY({first})"

    def visit_own_variables(self, element: e.Variables, **_: Any) -> str:
        pairs = [
            f"{self.write(name)}, {_as_json(self.write(value), kind)}"
            for name, value, kind in element.pairs
        ]
        return f"JSON_OBJECT({one_a_line(pairs) if pairs else ''})"


def _in_year_of(end: str, day: str) -> str:
    """29 February becomes 28 February where there is none."""
    return f"{day} + INTERVAL (YEAR({end}) - YEAR({day})) YEAR"


def _as_json(value: str, kind: str) -> str:
    """Booleans and documents as what they are: as plain values they would be 1 and a text.

    All texts under the one collation that documents have.
    """
    match kind:
        case Kind.BOOLEAN:
            whether = f"CASE WHEN {value} THEN 'true' WHEN NOT {value} THEN 'false' END"
            return f"JSON_EXTRACT({whether}, '$')"
        case Kind.JSON | Kind.TEXTS:
            return f"JSON_EXTRACT({value}, '$')"
        case Kind.TEXT:
            return f"CONVERT({value} USING utf8mb4) COLLATE utf8mb4_bin"
        case Kind.OTHER:
            return f"CAST({value} AS CHAR) COLLATE utf8mb4_bin"
        case _:
            return value


def _interval(span: Span) -> str:
    return f"INTERVAL {int(span.count)} {span.unit.value.upper().removesuffix('S')}"


class _Dialect(MySQLDialect):
    statement_compiler = _Writing
    preparer = _Names  # type: ignore[assignment]
    supports_statement_cache = False


_DIALECT = _Dialect(paramstyle="named")


def write(element: ClauseElement) -> str:
    """With marks for its lines."""
    return str(element.compile(dialect=_DIALECT))


def name(ident: str) -> str:
    """A name, in quotes."""
    return _Names(_DIALECT).quote(ident)


def comment_constant(words: str) -> str:
    """A plain string, where no hexadecimal one may stand: what could end or bend it is replaced.

    So is what lies beyond the plane of characters that the server's catalogue has.
    """
    refuse_unspeakable(words)
    return (
        "'" + "".join(_HARMLESS.get(one, one if one < "\U00010000" else "�") for one in words) + "'"
    )

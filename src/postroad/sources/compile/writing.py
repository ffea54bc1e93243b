"""What both dialects write alike. Neither a parameter nor a literal of SQLAlchemy's comes out."""

from collections.abc import Sequence
from typing import Any, NoReturn

from sqlalchemy.sql.compiler import IdentifierPreparer, SQLCompiler
from sqlalchemy.sql.elements import ClauseElement

from . import elements as e
from .constants import Number, refuse_unspeakable
from .layout import LINE, block, lines_of


class OwnNames(IdentifierPreparer):
    """Names in quotes, those within doubled; nothing else has a meaning in them."""

    max_octets = 63

    def quote(self, ident: str) -> str:
        refuse_unspeakable(ident)
        if not ident:
            raise ValueError("a table or column without a name cannot be in SQL")
        if self.length_of(ident) > self.max_octets:
            raise ValueError(f"the name {ident[:40]!r}… is longer than any the server has")
        if self.is_plain(ident):
            return str(ident)
        return self.quote_identifier(str(ident))

    def quote_identifier(self, value: str) -> str:
        return f"{self.initial_quote}{value.replace(self.initial_quote, self.initial_quote * 2)}{self.final_quote}"  # noqa: E501

    def length_of(self, ident: str) -> int:
        return len(ident.encode())

    def is_plain(self, _ident: str) -> bool:
        """Whether the server takes it for a name without quotes."""
        return False


class OwnWriting(SQLCompiler):
    """Mixed into a dialect's compiler; a subclass writes what differs."""

    true_words = "true"
    false_words = "false"
    last_first = "DESC"

    def visit_bindparam(self, *_: Any, **__: Any) -> NoReturn:
        raise AssertionError("a parameter was about to be left in the SQL")

    def render_literal_value(self, value: Any, _type: Any) -> str:
        """Only the escape character of LIKE comes this way."""
        if value != "!":
            raise AssertionError("a literal that is not ours was about to be in the SQL")
        return "'!'"

    def write(self, element: ClauseElement, **kw: Any) -> str:
        return element._compiler_dispatch(self, **kw)  # noqa: SLF001

    def listed(self, elements: Sequence[ClauseElement]) -> str:
        return ", ".join(self.write(one) for one in elements)

    # Constants.

    def visit_own_number(self, element: Number, **_: Any) -> str:
        return element.digits

    def visit_own_flag(self, element: Any, **_: Any) -> str:
        return self.true_words if element.flag else self.false_words

    # Conditions.

    def visit_own_lines(self, element: e.Lines, **_: Any) -> str:
        parts = [self.write(part) for part in element.parts]
        return f"({block(lines_of(parts, element.joint))})"

    def visit_own_negated(self, element: e.Negated, **_: Any) -> str:
        inner = self.write(element.element)
        if element.is_plain:
            is_safe = isinstance(element.element, e.Exists | e.Lines)
            return f"NOT {inner}" if is_safe else f"NOT ({inner})"
        is_grouped = isinstance(element.element, e.Lines)
        return f"{inner} IS NOT TRUE" if is_grouped else f"({inner}) IS NOT TRUE"

    def visit_own_truth_is(self, element: e.TruthIs, **_: Any) -> str:
        return f"{self.write(element.element)} {element.words}"

    def visit_own_exists(self, element: e.Exists, **_: Any) -> str:
        return f"EXISTS ({block(self.write(element.query))})"

    def visit_own_scalar(self, element: e.Scalar, **_: Any) -> str:
        return f"({block(self.write(element.query))})"

    def visit_own_call(self, element: e.Call, **_: Any) -> str:
        return f"{element.name}({self.listed(element.arguments)})"

    def visit_own_bracketed(self, element: e.Bracketed, **_: Any) -> str:
        inner = self.write(element.element)
        return inner if isinstance(element.element, e.Scalar | e.Lines) else f"({inner})"

    def visit_own_count(self, _element: e.Count, **_: Any) -> str:
        return "count(*)"

    # Queries.

    def visit_own_named(self, element: e.Named, **_: Any) -> str:
        return f"{self.write(element.element)} AS {self.preparer.quote(element.name)}"

    def visit_own_routine_rows(self, element: e.RoutineRows, **_: Any) -> str:
        names = [self.preparer.quote(name) for name in (element.schema, element.name)]
        return f"{names[0]}.{names[1]}() AS {self.preparer.quote(element.rows.name)}"

    def visit_own_derived(self, element: e.Derived, **_: Any) -> str:
        rows = self.preparer.quote(element.rows.name)
        return f"({block(self.write(element.query))}) AS {rows}"

    def visit_own_query(self, element: e.Query, **_: Any) -> str:
        columns = [self.write(column) for column in element.columns_] or ["1"]
        lines = [f"SELECT {columns[0]}" if len(columns) == 1 else _listed_below(columns)]
        lines.append(f"FROM {self.write(element.source, asfrom=True)}")
        for join in element.joins:
            joined = self.write(join.table, asfrom=True)
            lines.append(f"JOIN {joined} ON{self._clause(join.on)}")
        if element.where is not None:
            lines.append(f"WHERE{self._clause(element.where)}")
        if element.group_by:
            lines.append(f"GROUP BY {self.listed(element.group_by)}")
        if element.having is not None:
            lines.append(f"HAVING{self._clause(element.having)}")
        if element.order:
            lines.append(f"ORDER BY {self.listed(element.order)}")
        if element.limit is not None:
            lines.append(f"LIMIT {int(element.limit)}")
        return LINE.join(lines)

    def _clause(self, condition: e.Expression) -> str:
        """What is joined by AND at the top needs no brackets."""
        if isinstance(condition, e.Lines) and condition.joint is e.Joint.AND:
            parts = [self.write(part) for part in condition.parts]
            return block(lines_of(parts, condition.joint)).removesuffix(LINE)
        return f" {self.write(condition)}"

    def visit_own_place(self, element: e.Place, **_: Any) -> str:
        order = ", ".join(f"{self.write(by)} {self.last_first}" for by in element.by)
        group = f"PARTITION BY {self.listed(element.group)}"
        return f"row_number() OVER ({block(group, f'ORDER BY {order}')})"


def one_a_line(parts: Sequence[str]) -> str:
    return block(f",{LINE}".join(parts))


def _listed_below(columns: Sequence[str]) -> str:
    return f"SELECT{one_a_line(columns)}".removesuffix(LINE)

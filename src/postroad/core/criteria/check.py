"""What is wrong with criteria, by the numbers of their rules. Rules that are off are not looked at.

Criteria without a fault compile, run and mean the same in every evaluator.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, assert_never

from postroad.core.lifecycle import DeliveryState

from .operators import COMPARING, FIELD_KINDS, OPERATORS, ORDERED, Shapes, shapes_of
from .places import Place, number_of, walk
from .quoting import quoted
from .schema import Column, Kind, Schema, TableName
from .tree import (
    Condition,
    Criteria,
    Field,
    Group,
    Happened,
    InAudience,
    Measure,
    Operator,
    Related,
    Rule,
)
from .value_check import text_bytes, text_fault, texts_in, value_fault
from .values import Value
from .ways import Astray, column_of, tables_along

MAX_DEPTH: Final = 20
MAX_RULES: Final = 500
MAX_ALL_TEXT_BYTES: Final = 4 * 1_048_576
MAX_PATH: Final = 10
MAX_JSON_KEYS: Final = 20

KIND_WORDS: Final = {
    Kind.TEXT: "a text",
    Kind.INTEGER: "a whole number",
    Kind.DECIMAL: "a decimal number",
    Kind.FLOAT: "a floating-point number",
    Kind.BOOLEAN: "yes or no",
    Kind.DATE: "a day",
    Kind.TIMESTAMP: "a date with a time of day",
    Kind.MOMENT: "a moment",
    Kind.JSON: "JSON",
    Kind.TEXTS: "a list of texts",
    Kind.OTHER: "of a type that rules do not know",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """`number` is the rule's, '' for the whole; `text` ends with what to do."""

    number: str
    text: str


def faults_of(criteria: Criteria, schema: Schema, people: TableName) -> tuple[Fault, ...]:
    """In the order of the rules. `people` is the table that the mapping names.

    Criteria that are too large are not looked at any further.
    """
    too_large = tuple(_size_faults(criteria))
    if too_large:
        return too_large
    if schema.table(people) is None:
        text = f"The source has no table {quoted(str(people))}: refresh it, or map another."
        return (Fault("", text),)
    start = _Here((), people, (), schema)
    return tuple(
        Fault(number_of(place), text) for place, text in _group_faults(criteria.root, start)
    )


def _size_faults(criteria: Criteria) -> Iterator[Fault]:
    count = 0
    for rules, (place, rule) in enumerate(walk(criteria), 1):
        if len(place) > MAX_DEPTH:
            yield Fault(
                number_of(place[:MAX_DEPTH]),
                f"Groups lie more than {MAX_DEPTH} deep in one another: flatten them.",
            )
            return
        if rules > MAX_RULES:
            yield Fault("", f"There are more than {MAX_RULES} rules: make two audiences of them.")
            return
        if isinstance(rule, Condition | Related):
            count += sum(text_bytes(text) for text in texts_in(rule.value))
    if count > MAX_ALL_TEXT_BYTES:
        yield Fault("", f"The texts have more than {MAX_ALL_TEXT_BYTES:,} bytes: shorten them.")


@dataclass(frozen=True, slots=True)
class _Here:
    """Where rules stand: in the group at `place`, asking about rows of `table`."""

    place: Place
    table: TableName
    trail: tuple[TableName, ...]
    schema: Schema

    def column(self, field: Field) -> Column | Astray:
        return column_of(field, self.table, self.trail, self.schema)


Found = Iterator[tuple[Place, str]]


def _group_faults(group: Group, here: _Here) -> Found:
    if group.is_off:
        return
    for count, rule in enumerate(group.rules, 1):
        if not rule.is_off:
            place = (*here.place, count)
            yield from _rule_faults(rule, _Here(place, here.table, here.trail, here.schema))


def _rule_faults(rule: Rule, here: _Here) -> Found:
    match rule:
        case Group():
            yield from _group_faults(rule, here)
        case Condition():
            yield from ((here.place, text) for text in _condition_faults(rule, here))
        case Related():
            yield from _related_faults(rule, here)
        case InAudience() | Happened():
            yield from ((here.place, text) for text in _elsewhere_faults(rule, here))
        case _:
            assert_never(rule)


def _condition_faults(rule: Condition, here: _Here) -> Iterator[str]:
    column = here.column(rule.field)
    if isinstance(column, Astray):
        yield column.text
        return
    fault = _field_fault(rule.field, column)
    if fault:
        yield fault
        return
    subject = f"{quoted(column.name)}, which is {KIND_WORDS[column.kind]}"
    yield from _comparison_faults(rule.operator, rule.value, OPERATORS[column.kind], subject)


def _field_fault(field: Field, column: Column) -> str | None:
    if column.kind is Kind.OTHER:
        words = f" ({column.type_words[:60]})" if column.type_words else ""
        return f"No rule can ask about {quoted(column.name)}{words}: choose another column."
    if field.json_path and column.kind is not Kind.JSON:
        return f"{quoted(column.name)} is not JSON, so nothing lies in it: remove the keys."
    if len(field.json_path) > MAX_JSON_KEYS:
        return f"More than {MAX_JSON_KEYS} keys lead into the JSON: choose a shorter way."
    return next((fault for fault in map(text_fault, field.json_path) if fault), None)


def _comparison_faults(
    operator: Operator, value: Value, shapes: Shapes, subject: str
) -> Iterator[str]:
    shape = shapes.get(operator)
    if shape is None:
        yield f"“{operator}” cannot be asked of {subject}: choose another operator."
        return
    fault = value_fault(value, shape, operator)
    if fault:
        yield fault


def _related_faults(rule: Related, here: _Here) -> Found:
    if not 1 <= len(rule.path) <= MAX_PATH:
        yield here.place, f"A path has from 1 to {MAX_PATH} steps: choose it again."
        return
    trail = tables_along(rule.path, here.table, here.schema)
    if isinstance(trail, Astray):
        yield here.place, trail.text
        return
    end = _Here(here.place, trail[-1], trail, here.schema)
    yield from ((here.place, text) for text in _measure_faults(rule, end))
    yield from _group_faults(rule.where, end)


def _measure_faults(rule: Related, end: _Here) -> Iterator[str]:
    kind: Kind | None = None
    if FIELD_KINDS[rule.measure]:
        found = _measured_kind(rule, end)
        if isinstance(found, Astray):
            yield found.text
            return
        kind = found
    elif rule.field is not None:
        yield f"“{rule.measure}” asks about rows, not about a column: remove the column."
    yield from _by_faults(rule, end)
    if rule.measure in COMPARING:
        yield from _result_faults(rule, kind)
    elif rule.operator is not None or rule.value is not None:
        yield f"“{rule.measure}” is compared with nothing: remove the operator and the value."


def _measured_kind(rule: Related, end: _Here) -> Kind | Astray:
    """That of the field; it is read from the row at the end of the path."""
    if rule.field is None:
        return Astray(f"“{rule.measure}” needs a column: choose one.")
    if rule.field.step is not None:
        return Astray("A measure reads the last table of its path: choose a column of that.")
    column = end.column(rule.field)
    if isinstance(column, Astray):
        return column
    fault = _field_fault(rule.field, column)
    if fault:
        return Astray(fault)
    if column.kind not in FIELD_KINDS[rule.measure]:
        return Astray(
            f"There is no “{rule.measure}” of {quoted(column.name)}, which is"
            f" {KIND_WORDS[column.kind]}: choose another column."
        )
    return column.kind


def _by_faults(rule: Related, end: _Here) -> Iterator[str]:
    if rule.measure is not Measure.LAST:
        if rule.by is not None:
            yield f"“{rule.measure}” has no order: remove the column that it is ordered by."
        return
    table = end.schema.table(end.table)
    if table is not None and not table.key:
        yield (
            f"{quoted(str(end.table))} has no primary key, so no row of it is surely the last:"
            " use “largest”."
        )
    if rule.by is None:
        yield "“last” needs the column that says which row is last: choose one."
        return
    column = end.column(rule.by)
    if isinstance(column, Astray):
        yield column.text
    elif column.kind not in ORDERED or rule.by.json_path:
        yield f"Rows cannot be ordered by {quoted(column.name)}: choose a number or a date."


def _result_faults(rule: Related, kind: Kind | None) -> Iterator[str]:
    if rule.operator is None:
        yield f"“{rule.measure}” is compared with nothing yet: choose an operator."
        return
    subject = f"“{rule.measure}”"
    yield from _comparison_faults(rule.operator, rule.value, shapes_of(rule.measure, kind), subject)


def _elsewhere_faults(rule: InAudience | Happened, here: _Here) -> Iterator[str]:
    if here.trail:
        yield "This is asked of people, not of related rows: move the rule out of the related one."
    match rule:
        case InAudience():
            if not (0 < rule.audience_id < 2**63 and 0 < rule.version < 2**31):
                yield "There is no such version of an audience: choose it again."
        case Happened():
            if not 0 < rule.campaign_id < 2**63:
                yield "There is no such campaign: choose it again."
            known = set(DeliveryState)
            unknown = [state for state in rule.states if state not in known]
            if unknown:
                yield f"{quoted(unknown[0])} is no state of a delivery: choose another."
            if not rule.states:
                yield "No state is chosen: choose at least one."
        case _:
            assert_never(rule)

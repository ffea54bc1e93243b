"""Criteria as JSON; docs/criteria.schema.json describes the form, `reading` takes it back."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, assert_never

from .days import in_utc
from .tree import (
    Condition,
    Criteria,
    Field,
    Group,
    GroupKind,
    Happened,
    Hop,
    InAudience,
    Related,
    Rule,
)
from .values import Around, Between, Scalar, Span, Value

Json = Any
ALL_ROWS = Group(GroupKind.ALL)
"""What a related rule that names no `where` asks of rows."""


def to_json(criteria: Criteria) -> dict[str, Json]:
    """What `json.dumps` takes. Criteria that differ are written differently."""
    return _rule(criteria.root)


def _rule(rule: Rule) -> dict[str, Json]:
    off = {"off": True} if rule.is_off else {}
    match rule:
        case Group(kind, rules):
            return {kind.value: [_rule(one) for one in rules], **off}
        case Condition():
            compared = _compared(rule.operator, rule.value)
            return {"field": _field(rule.field), **compared, **off}
        case Related():
            return {**_related(rule), **off}
        case InAudience(audience_id, version):
            return {"audience": audience_id, "version": version, **off}
        case Happened(campaign_id, states):
            return {"campaign": campaign_id, "states": list(states), **off}
        case _:
            assert_never(rule)


def _related(rule: Related) -> dict[str, Json]:
    written: dict[str, Json] = {
        "related": [_hop(hop) for hop in rule.path],
        "measure": rule.measure.value,
    }
    if rule.field is not None:
        written["field"] = _field(rule.field)
    if rule.by is not None:
        written["by"] = _field(rule.by)
    if rule.operator is not None:
        written |= _compared(rule.operator, rule.value)
    if rule.where != ALL_ROWS:
        written["where"] = _rule(rule.where)
    return written


def _compared(operator: str, value: Value) -> dict[str, Json]:
    written: dict[str, Json] = {"is": str(operator)}
    if value is not None:
        written["value"] = _value(value)
    return written


def _field(field: Field) -> Json:
    if field == Field(field.column):
        return field.column
    written: dict[str, Json] = {"column": field.column}
    if field.json_path:
        written["json"] = list(field.json_path)
    if field.hops:
        written["hops"] = [_hop(hop) for hop in field.hops]
    if field.step is not None:
        written["step"] = field.step
    return written


def _hop(hop: Hop) -> dict[str, Json]:
    table = [hop.table.schema, hop.table.name]
    plain = ".".join(table)
    is_plain = plain.count(".") == 1
    written = {"table": plain if is_plain else table, "key": hop.foreign_key}
    return {**written, "back": True} if hop.is_back else written


def _value(value: Value) -> Json:
    match value:
        case tuple():
            return [_scalar(one) for one in value]
        case Between(low, high):
            return {"from": _scalar(low), "to": _scalar(high)}
        case Span(count, unit):
            return {"span": [count, unit.value]}
        case Around():
            return {"around": value.value}
        case None:
            return None
        case _:
            return _scalar(value)


def _scalar(value: Scalar) -> Json:
    match value:
        case Decimal():
            return {"decimal": format(value, "f")}
        case datetime():
            return {"moment": in_utc(value).isoformat()}
        case date():
            return {"date": value.isoformat()}
        case str() | bool() | int():
            return value
        case _:
            assert_never(value)

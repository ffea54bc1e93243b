"""Criteria from JSON, strictly: whatever is not understood is refused with its path."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from postroad.core.ids import AudienceId, CampaignId

from .check import MAX_DEPTH
from .reading_values import Refused, read_value
from .schema import TableName
from .tree import (
    Condition,
    Criteria,
    Field,
    Group,
    GroupKind,
    Happened,
    Hop,
    InAudience,
    Measure,
    Operator,
    Related,
    Rule,
)
from .values import Value
from .writing import ALL_ROWS

Words = TypeVar("Words", bound=StrEnum)

_GROUPS = frozenset(kind.value for kind in GroupKind)
_SHAPES: Mapping[str, frozenset[str]] = {
    "all": frozenset(),
    "any": frozenset(),
    "none": frozenset(),
    "related": frozenset({"measure", "field", "by", "is", "value", "where"}),
    "field": frozenset({"is", "value"}),
    "audience": frozenset({"version"}),
    "campaign": frozenset({"states"}),
}
"""Which further keys a rule has that has this one; the first that fits names the rule."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """`path` is the place in the JSON, "all[1].related[0].key"; `text` ends with what to do."""

    path: str
    text: str


def from_json(document: object) -> Criteria | Unreadable:
    """Of what `json.loads` gives. Whether the tables are there is for `check` to say."""
    try:
        root = _group(_object(document, ""), "", 0)
    except Refused as refused:
        return Unreadable(refused.path, refused.text)
    if root.is_off:
        return Unreadable("off", "The whole cannot be off: turn off rules in it.")
    return Criteria(root)


def from_text(text: str) -> Criteria | Unreadable:
    """Of a file. A key that an object has twice is refused."""
    try:
        document = json.loads(text, parse_float=Decimal, object_pairs_hook=_without_twins)
    except RecursionError:
        return Unreadable(
            "", f"Groups lie more than {MAX_DEPTH} deep in one another: flatten them."
        )
    except ValueError as error:
        return Unreadable("", f"This is not JSON ({error}): correct it.")
    return from_json(document)


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("an object has a key twice")
    return made


def _rule(given: object, path: str, depth: int) -> Rule:
    rule = _object(given, path)
    named = next((key for key in _SHAPES if key in rule), None)
    if named is None:
        raise Refused(path, "This is no rule: it needs one of " + ", ".join(_SHAPES) + ".")
    if depth > MAX_DEPTH:
        raise Refused(path, f"Groups lie more than {MAX_DEPTH} deep in one another: flatten them.")
    if named in _GROUPS:
        return _group(rule, path, depth)
    _only(rule, path, {named, "off"} | _SHAPES[named])
    is_off = _is_on(rule, "off", path)
    match named:
        case "related":
            return _related(rule, path, depth, is_off=is_off)
        case "audience":
            audience_id = AudienceId(_whole(rule, "audience", path))
            return InAudience(audience_id, _whole(rule, "version", path), is_off)
        case "campaign":
            campaign_id = CampaignId(_whole(rule, "campaign", path))
            return Happened(campaign_id, _texts(rule, "states", path), is_off)
        case _:
            operator = _word(rule, "is", path, Operator)
            return Condition(
                _field(rule["field"], _at(path, "field")), operator, _value(rule, path), is_off
            )


def _group(group: Mapping[str, Any], path: str, depth: int) -> Group:
    kinds = [key for key in group if key in _GROUPS]
    if len(kinds) != 1:
        raise Refused(path, "A group has one of all, any, none: write one.")
    _only(group, path, {kinds[0], "off"})
    inner = _at(path, kinds[0])
    rules = _list(group[kinds[0]], inner)
    made = [_rule(one, f"{inner}[{index}]", depth + 1) for index, one in enumerate(rules)]
    return Group(GroupKind(kinds[0]), tuple(made), _is_on(group, "off", path))


def _related(rule: Mapping[str, Any], path: str, depth: int, *, is_off: bool) -> Related:
    where = ALL_ROWS
    if "where" in rule:
        inner = _at(path, "where")
        where = _group(_object(rule["where"], inner), inner, depth)
    operator = _word(rule, "is", path, Operator) if "is" in rule else None
    if operator is None and "value" in rule:
        raise Refused(
            _at(path, "is"), "A value without an operator says nothing: write the operator."
        )
    return Related(
        path=_hops(rule["related"], _at(path, "related")),
        measure=_word(rule, "measure", path, Measure),
        where=where,
        field=_field(rule["field"], _at(path, "field")) if "field" in rule else None,
        by=_field(rule["by"], _at(path, "by")) if "by" in rule else None,
        operator=operator,
        value=_value(rule, path),
        is_off=is_off,
    )


def _value(rule: Mapping[str, Any], path: str) -> Value:
    return read_value(rule["value"], _at(path, "value")) if "value" in rule else None


def _field(given: object, path: str) -> Field:
    if isinstance(given, str):
        return Field(given)
    field = _object(given, path)
    _only(field, path, {"column", "json", "hops", "step"})
    return Field(
        column=_text(field, "column", path),
        json_path=_texts(field, "json", path) if "json" in field else (),
        hops=_hops(field["hops"], _at(path, "hops")) if "hops" in field else (),
        step=_whole(field, "step", path) if "step" in field else None,
    )


def _hops(given: object, path: str) -> tuple[Hop, ...]:
    return tuple(_hop(one, f"{path}[{index}]") for index, one in enumerate(_list(given, path)))


def _hop(given: object, path: str) -> Hop:
    hop = _object(given, path)
    _only(hop, path, {"table", "key", "back"})
    table = _table(_needed(hop, "table", path), _at(path, "table"))
    return Hop(table, _text(hop, "key", path), _is_on(hop, "back", path))


def _table(given: object, path: str) -> TableName:
    """As in "public.invoice"; a list of two where a name has a point in it."""
    match given:
        case str() if given.count(".") == 1:
            schema, _, name = given.partition(".")
            return TableName(schema, name)
        case [str() as schema, str() as name]:
            return TableName(schema, name)
        case _:
            raise Refused(path, 'A table is "schema.name", or a list of both: write it so.')


# What JSON gives, by the type that is wanted.


def _at(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _only(given: Mapping[str, Any], path: str, known: set[str] | frozenset[str]) -> None:
    for key in given:
        if key not in known:
            shown = key[:60]
            raise Refused(_at(path, shown), "This key is not known here: remove it.")


def _needed(given: Mapping[str, Any], key: str, path: str) -> object:
    if key not in given:
        raise Refused(_at(path, key), "It is missing: write it.")
    return given[key]


def _object(given: object, path: str) -> Mapping[str, Any]:
    if not isinstance(given, dict) or not all(isinstance(key, str) for key in given):
        raise Refused(path, "An object belongs here: write {…}.")
    return given


def _list(given: object, path: str) -> list[Any]:
    if not isinstance(given, list):
        raise Refused(path, "A list belongs here: write […].")
    return given


def _text(given: Mapping[str, Any], key: str, path: str) -> str:
    found = _needed(given, key, path)
    if not isinstance(found, str):
        raise Refused(_at(path, key), "A text belongs here: write it in quotes.")
    return found


def _texts(given: Mapping[str, Any], key: str, path: str) -> tuple[str, ...]:
    inner = _at(path, key)
    found = _list(_needed(given, key, path), inner)
    for index, one in enumerate(found):
        if not isinstance(one, str):
            raise Refused(f"{inner}[{index}]", "A text belongs here: write it in quotes.")
    return tuple(found)


def _whole(given: Mapping[str, Any], key: str, path: str) -> int:
    found = _needed(given, key, path)
    if type(found) is not int or found < 1:
        raise Refused(_at(path, key), "A whole number from 1 belongs here: write it.")
    return found


def _is_on(given: Mapping[str, Any], key: str, path: str) -> bool:
    found = given.get(key, False)
    if not isinstance(found, bool):
        raise Refused(_at(path, key), "It is true or false: write one of them.")
    return found


def _word(given: Mapping[str, Any], key: str, path: str, words: type[Words]) -> Words:
    found = _text(given, key, path)
    try:
        return words(found)
    except ValueError:
        known = ", ".join(f"“{word}”" for word in words)
        raise Refused(_at(path, key), f"It is not one of {known}: write one of them.") from None

"""Criteria as a person would say them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, assert_never

from postroad.core.ids import AudienceId, CampaignId

from .operators import COMPARING
from .quoting import joined, name_words, quoted
from .schema import Schema
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
    Related,
    Rule,
    says,
)
from .value_words import compared


@dataclass(frozen=True, slots=True)
class Names:
    """What things are called; what has no name here is said by its number or key."""

    schema: Schema = field(default_factory=lambda: Schema(()))
    audiences: Mapping[AudienceId, str] = field(default_factory=dict)
    campaigns: Mapping[CampaignId, str] = field(default_factory=dict)
    trail: tuple[str, ...] = ()
    """The tables that a related rule has led to, where its own rules are said."""


NO_NAMES: Final = Names()
Saying = Callable[[Rule, Names], str]


def words_of(criteria: Criteria, names: Names = NO_NAMES) -> str:
    """One sentence; what is off is not in it."""
    root = criteria.root
    if not says(root):
        return "Everybody."
    if root.kind is GroupKind.ANY:
        return f"People {_row(root, names, ', or ')}."
    if root.kind is GroupKind.NONE:
        return f"Everybody but people {_row(root, names, ', or ')}."
    kept = [rule for rule in root.rules if says(rule) and not _leaves_out(rule)]
    start = f"People {', and '.join(_of_people(rule, names) for rule in kept)}"
    groups = [rule for rule in root.rules if isinstance(rule, Group) and _leaves_out(rule)]
    left_out = ", or ".join(_row(group, names, ", or ") for group in groups)
    if not left_out:
        return f"{start}."
    return f"{start}, but not those {left_out}." if kept else f"Everybody but people {left_out}."


def rule_words(rule: Rule, names: Names = NO_NAMES) -> str:
    """One rule as a clause, whether it is on or off: 'country is “Norway”'."""
    return _clause(replace(rule, is_off=False), names)


def _leaves_out(rule: Rule) -> bool:
    return isinstance(rule, Group) and rule.kind is GroupKind.NONE and says(rule)


def _row(group: Group, names: Names, joint: str) -> str:
    return joint.join(_of_people(rule, names) for rule in group.rules if says(rule))


def _of_people(rule: Rule, names: Names) -> str:
    """What follows "people"."""
    match rule:
        case Group():
            return _in_brackets(rule, names, _of_people)
        case Condition():
            return f"whose {_clause(rule, names)}"
        case Related():
            start = "whose" if rule.measure in COMPARING else "who"
            return f"{start} {_clause(rule, names)}"
        case InAudience() | Happened():
            return _clause(rule, names)
        case _:
            assert_never(rule)


def _in_brackets(group: Group, names: Names, saying: Saying) -> str:
    parts = [saying(rule, names) for rule in group.rules if says(rule)]
    joint = " and " if group.kind is GroupKind.ALL else " or "
    inner = joint.join(parts)
    if not parts:
        return "anything"
    if group.kind is GroupKind.NONE:
        return f"not ({inner})"
    return inner if len(parts) == 1 else f"({inner})"


def _clause(rule: Rule, names: Names) -> str:
    match rule:
        case Group():
            return _in_brackets(rule, names, _clause)
        case Condition():
            return f"{_field_words(rule.field, names)} {compared(rule.operator, rule.value)}"
        case Related():
            return _related_words(rule, names)
        case InAudience(audience_id, version):
            audience = _named(names.audiences.get(audience_id), audience_id)
            return f"in audience {audience}, version {version}"
        case Happened(campaign_id, states):
            campaign = _named(names.campaigns.get(campaign_id), campaign_id)
            states_words = joined([name_words(state) for state in states], "or")
            return f"with a mail of campaign {campaign} that is {states_words}"
        case _:
            assert_never(rule)


def _named(name: str | None, number: int) -> str:
    return quoted(name) if name else str(number)


def _related_words(rule: Related, names: Names) -> str:
    trail = _tables_along(rule.path, names)
    inside = replace(names, trail=trail)
    rows = " → ".join(trail)
    if says(rule.where):
        rows += f" where {_in_brackets(rule.where, inside, _clause)}"
    match rule.measure:
        case Measure.HAS:
            return f"have {rows}"
        case Measure.HAS_NONE:
            return f"have no {rows}"
        case Measure.COUNT:
            subject = f"number of {rows}"
        case _:
            subject = f"{_measure_words(rule, inside)} over {rows}"
    if rule.operator is None:
        return subject
    return f"{subject} {compared(rule.operator, rule.value)}"


def _measure_words(rule: Related, names: Names) -> str:
    column = _field_words(rule.field, names) if rule.field else "?"
    if rule.measure is Measure.SUM:
        return f"sum of {column}"
    by = f" by {_field_words(rule.by, names)}" if rule.by else ""
    return f"{rule.measure.value} {column}{by}"


def _field_words(wanted: Field, names: Names) -> str:
    """As in: country; genre.name; attributes / plan."""
    table = ""
    if wanted.hops:
        table = _tables_along(wanted.hops, names)[-1]
    elif wanted.step is not None and wanted.step <= len(names.trail):
        table = names.trail[wanted.step - 1]
    words = f"{table}.{name_words(wanted.column)}" if table else name_words(wanted.column)
    return " / ".join([words, *(name_words(key) for key in wanted.json_path)])


def _tables_along(path: tuple[Hop, ...], names: Names) -> tuple[str, ...]:
    return tuple(_table_words(hop, names.schema) for hop in path)


def _table_words(hop: Hop, schema: Schema) -> str:
    """Of the table that the hop leads to; of the foreign key where the schema has it not."""
    if hop.is_back:
        return name_words(hop.table.name)
    key = schema.foreign_key(hop.table, hop.foreign_key)
    return name_words(key.target.name if key else hop.foreign_key)

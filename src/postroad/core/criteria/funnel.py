"""The counts beside the rules: which criteria each of them is the count of."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from .places import Place, number_of
from .tree import Criteria, Group, GroupKind, Rule, says


@dataclass(frozen=True, slots=True)
class Step:
    """A rule about people; both are None where it says nothing.

    `alone`: those to whom the rule applies, as if there were no other; of a group that leaves
    people out, and in one, those who would be left out. `so_far`: the result if the criteria
    ended with this rule.
    """

    number: str
    alone: Criteria | None
    so_far: Criteria | None


def steps_of(criteria: Criteria) -> tuple[Step, ...]:
    """In order. Rules about related rows are counted with the rule that asks about those."""
    return tuple(_steps(criteria, criteria.root, (), is_on=True))


def _steps(criteria: Criteria, group: Group, place: Place, *, is_on: bool) -> Iterator[Step]:
    for count, rule in enumerate(group.rules, 1):
        at = (*place, count)
        counts = is_on and says(rule)
        yield Step(
            number_of(at),
            _alone(rule) if counts else None,
            Criteria(_cut(criteria.root, at)) if counts else None,
        )
        if isinstance(rule, Group):
            yield from _steps(criteria, rule, at, is_on=is_on and not rule.is_off)


def _alone(rule: Rule) -> Criteria:
    if isinstance(rule, Group) and rule.kind is GroupKind.NONE:
        return Criteria(replace(rule, kind=GroupKind.ANY))
    return Criteria(rule if isinstance(rule, Group) else Group(GroupKind.ALL, (rule,)))


def _cut(group: Group, place: Place) -> Group:
    """The group as if nothing came after the rule at this place."""
    count, *deeper = place
    last = group.rules[count - 1]
    if deeper and isinstance(last, Group):
        last = _cut(last, tuple(deeper))
    return replace(group, rules=(*group.rules[: count - 1], last))


def first_that_left_out(criteria: Criteria, fulfils: Callable[[Criteria], bool]) -> str | None:
    """The number of the first rule, in order, that leaves a person out; None where none does.

    `fulfils` says whether the person fulfils criteria. Of rules of which one must hold none is
    the first: the number is that of their group, '' for the root.
    """
    if fulfils(criteria):
        return None
    return number_of(_first(criteria.root, (), fulfils))


def _first(group: Group, place: Place, fulfils: Callable[[Criteria], bool]) -> Place:
    """In a group that leaves the person out."""
    if group.kind is GroupKind.ANY:
        return place
    leaves_out_when = group.kind is GroupKind.NONE
    for count, rule in enumerate(group.rules, 1):
        at = (*place, count)
        if not says(rule) or fulfils(_as_it_is(rule)) is not leaves_out_when:
            continue
        is_required = isinstance(rule, Group) and group.kind is GroupKind.ALL
        return _first(rule, at, fulfils) if isinstance(rule, Group) and is_required else at
    return place


def _as_it_is(rule: Rule) -> Criteria:
    return Criteria(Group(GroupKind.ALL, (rule,)))

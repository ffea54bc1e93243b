"""Rules in their order, and the numbers that are their places: "2.1.3"."""

from collections.abc import Iterator

from .tree import Criteria, Group, Related, Rule

Place = tuple[int, ...]
"""Counted from 1 in each group. The rules of a related rule's `where` are counted as its own."""


def number_of(place: Place) -> str:
    """The root's is ''."""
    return ".".join(str(count) for count in place)


def inner_rules(rule: Rule) -> tuple[Rule, ...]:
    match rule:
        case Group():
            return rule.rules
        case Related():
            return rule.where.rules
        case _:
            return ()


def walk(criteria: Criteria) -> Iterator[tuple[Place, Rule]]:
    """Every rule but the root, those that are off too, each before the rules in it."""
    waiting = _numbered((), criteria.root)
    while waiting:
        place, rule = waiting.pop()
        yield place, rule
        waiting += _numbered(place, rule)


def _numbered(place: Place, rule: Rule) -> list[tuple[Place, Rule]]:
    """The last first: they are taken from the end."""
    inner = [((*place, count), one) for count, one in enumerate(inner_rules(rule), 1)]
    return inner[::-1]

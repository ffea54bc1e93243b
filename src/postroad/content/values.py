"""The variables of one recipient, cleaned for the template engine."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from postroad.content.template import ValueFault
from postroad.core.mail import Recipient, Sender
from postroad.core.variables import (
    Policy,
    VariablePolicy,
    body_problem,
    header_problem,
    is_missing,
)

OWN_NAMES = (
    "name",
    "address",
    "unsubscribe_url",
    "sender_name",
    "sender_address",
    "postal_address",
)
"""Variables that every mail has, whatever the contact's attributes are."""

_DEEPEST = 8
_LARGEST = 2**63


@dataclass(frozen=True, slots=True)
class Filling:
    """Which variables a revision needs, and what is done about them."""

    names: Sequence[str]
    header_names: frozenset[str]
    """Those that reach the subject."""
    policies: Mapping[str, VariablePolicy]

    def policy_of(self, name: str) -> Policy:
        """FAIL where none is set. A default was put in before, so it is spent here."""
        given = self.policies.get(name)
        return Policy.SKIP if given and given.policy is Policy.SKIP else Policy.FAIL

    def values_for(self, sender: Sender, recipient: Recipient) -> dict[str, object]:
        """The values by name; missing ones are absent, or are their default.

        Raises ValueFault, naming the variable, for a value that can't go where it is used.
        """
        values: dict[str, object] = {}
        for name in self.names:
            value = _value_of(name, sender, recipient)
            if is_missing(value):
                policy = self.policies.get(name)
                if policy and policy.policy is Policy.DEFAULT:
                    values[name] = policy.default
                continue
            if isinstance(value, str):
                problem = (header_problem if name in self.header_names else body_problem)(value)
                if problem:
                    raise ValueFault(f"{problem} in {name}")
                values[name] = value
            else:
                values[name] = _clean(value, name, 0)
        return values


def _value_of(name: str, sender: Sender, recipient: Recipient) -> object:
    match name:
        case "name":
            return recipient.name or recipient.data.get("name")
        case "address":
            return recipient.address
        case "unsubscribe_url":
            return recipient.unsubscribe_url
        case "sender_name":
            return sender.name
        case "sender_address":
            return sender.address
        case "postal_address":
            return sender.postal_address
        case _:
            return recipient.data.get(name)


def _clean(value: object, name: str, depth: int) -> object:
    """Plain data only, so that a template can't reach into an object."""
    if depth > _DEEPEST:
        raise ValueFault(f"data too deep in {name}")
    if isinstance(value, str):
        problem = body_problem(value)
        if problem:
            raise ValueFault(f"{problem} in {name}")
        return value
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < _LARGEST else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _clean(item, name, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item, name, depth + 1) for item in value]
    return _clean(str(value), name, depth)

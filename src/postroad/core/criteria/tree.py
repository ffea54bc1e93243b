"""The rules.

Every rule is true or false for a person, never neither: a NULL fulfils no positive operator and
every negative one, as a reader of the words would expect.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from postroad.core.ids import AudienceId, CampaignId

from .schema import TableName
from .values import Value


class Operator(StrEnum):
    """Which kinds of column take which, and with what value, is in `operators`."""

    IS = "is"
    IS_NOT = "is not"
    IN = "is one of"
    NOT_IN = "is none of"
    CONTAINS = "contains"
    NOT_CONTAINS = "does not contain"
    STARTS = "starts with"
    ENDS = "ends with"
    LESS = "<"
    AT_MOST = "≤"
    MORE = ">"
    AT_LEAST = "≥"
    BETWEEN = "is between"
    BEFORE = "is before"
    AFTER = "is after"
    IN_LAST = "in the last"
    """From so long before today, or now for moments, until it; the future is not in it."""
    NOT_IN_LAST = "not in the last"
    IN_NEXT = "in the next"
    ANNIVERSARY = "has its anniversary"
    """29 February falls on 28 February in other years."""
    IS_TRUE = "is true"
    IS_FALSE = "is false"
    HAS_ANY = "has any of"
    HAS_ALL = "has all of"
    HAS_NONE = "has none of"
    EMPTY = "is empty"
    """NULL; of texts also '', of arrays also one without elements, of JSON also what is absent."""
    NOT_EMPTY = "is not empty"


@dataclass(frozen=True, slots=True)
class Hop:
    """Along a foreign key: forward to the row it points to, back to those that point to it.

    `table` is the one that has the foreign key, whichever way one goes.
    """

    table: TableName
    foreign_key: str
    is_back: bool


@dataclass(frozen=True, slots=True)
class Field:
    """A column, or what lies in its JSON at `json_path` (keys, outermost first).

    Read from the row at hand: the person's, or within a related rule the row at the end of its
    path; `step` counts hops of that path from its start, so 1 is the row after the first hop.
    `hops` lead on from there, forward only.
    """

    column: str
    json_path: tuple[str, ...] = ()
    hops: tuple[Hop, ...] = ()
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    field: Field
    operator: Operator
    value: Value = None
    is_off: bool = False


class Measure(StrEnum):
    HAS = "has"
    HAS_NONE = "has none"
    COUNT = "count"
    SUM = "sum"
    """0 over no row; over rows, NULLs count as nothing."""
    MIN = "smallest"
    MAX = "largest"
    LAST = "last"
    """The column of the row in which `by` is greatest, ties by the primary key."""


@dataclass(frozen=True, slots=True)
class Related:
    """What is true of the rows at the end of a path that fulfil `where`.

    The path's first hop starts at the row at hand. HAS and HAS_NONE compare with nothing; COUNT
    has no field; the others have one, read from the row at the end of the path.
    """

    path: tuple[Hop, ...]
    measure: Measure
    where: "Group"
    field: Field | None = None
    by: Field | None = None
    operator: Operator | None = None
    value: Value = None
    is_off: bool = False


@dataclass(frozen=True, slots=True)
class InAudience:
    """Of the same source. The version is fixed when the rule is chosen."""

    audience_id: AudienceId
    version: int
    is_off: bool = False


@dataclass(frozen=True, slots=True)
class Happened:
    """A mail to this person in any run of the campaign is in one of these delivery states."""

    campaign_id: CampaignId
    states: tuple[str, ...]
    is_off: bool = False


class GroupKind(StrEnum):
    ALL = "all"
    ANY = "any"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Group:
    """A group in which every rule is off, or that has none, says nothing: it is passed over.

    Criteria that say nothing are fulfilled by everybody.
    """

    kind: GroupKind
    rules: "tuple[Rule, ...]" = field(default=())
    is_off: bool = False


Rule = Condition | Related | InAudience | Happened | Group


@dataclass(frozen=True, slots=True)
class Criteria:
    """The whole tree; its root is never off."""

    root: Group


def says(rule: Rule) -> bool:
    """False of a rule that is passed over: off, or a group none of whose rules says anything."""
    if rule.is_off:
        return False
    return not isinstance(rule, Group) or any(says(one) for one in rule.rules)

"""Strategies for criteria that have no fault, over the schema of `criteria_rows`."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from hypothesis import strategies as st

from postroad.core.criteria.operators import (
    FIELD_KINDS,
    OPERATORS,
    PARTS_OF_TEXT,
    Form,
    Shape,
    Sort,
    shapes_of,
)
from postroad.core.criteria.operators import ORDERED as ORDERED_KINDS
from postroad.core.criteria.schema import Column, Kind, TableName
from postroad.core.criteria.tree import (
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
from postroad.core.criteria.values import Around, Between, Span, Unit, Value
from postroad.core.ids import AudienceId, CampaignId

from .criteria_rows import (
    JSON_KEYS,
    PERSON,
    POSTGRESQL,
    SCHEMA,
    Reach,
    days,
    decimals,
    moments,
    texts,
    wholes,
)

Draw = Callable[[st.SearchStrategy[Any]], Any]

AUDIENCES = ((AudienceId(7), 1), (AudienceId(7), 2))
CAMPAIGN = CampaignId(41)
STATES = ("accepted", "bounced", "dead")


def hops_from(table: TableName, *, forward_only: bool) -> list[Hop]:
    """Every hop that can be made from a row of this table."""
    keys = SCHEMA.foreign_keys
    forward = [Hop(key.table, key.name, is_back=False) for key in keys if key.table == table]
    back = [Hop(key.table, key.name, is_back=True) for key in keys if key.target == table]
    return forward if forward_only else forward + back


def target_of(hop: Hop) -> TableName:
    key = SCHEMA.foreign_key(hop.table, hop.foreign_key)
    assert key is not None
    return key.table if hop.is_back else key.target


@cache
def _scalars(sort: Sort, now: datetime, reach: Reach, *, not_empty: bool) -> st.SearchStrategy[Any]:
    match sort:
        case Sort.TEXT:
            return texts(reach).filter(bool) if not_empty else texts(reach)
        case Sort.WHOLE:
            return wholes()
        case Sort.NUMBER:
            return wholes() | decimals()
        case Sort.FLAG:
            return st.booleans()
        case Sort.DAY:
            return days(now, reach)
        case Sort.MOMENT:
            return moments(now, reach)


@cache
def values(
    shape: Shape, now: datetime, reach: Reach, *, not_empty: bool = False
) -> st.SearchStrategy[Any]:
    """Values of one shape that have no fault."""
    each = [_scalars(sort, now, reach, not_empty=not_empty) for sort in shape.sorts]
    match shape.form:
        case Form.NOTHING:
            return st.none()
        case Form.ONE:
            return st.one_of(each)
        case Form.LIST:
            return st.one_of([st.lists(one, min_size=1, max_size=3) for one in each]).map(tuple)
        case Form.BETWEEN:
            pair = st.lists(each[0], min_size=2, max_size=2).map(sorted)
            return pair.map(lambda ends: Between(*ends))
        case Form.SPAN:
            counts = st.integers(1, 40) | st.sampled_from((90, 365))
            return st.builds(Span, counts, st.sampled_from(Unit))
        case Form.AROUND:
            return st.sampled_from(Around)


class _Tree:
    """One tree in the drawing."""

    def __init__(self, draw: Draw, now: datetime, reach: Reach, kinds: frozenset[Kind]) -> None:
        self.draw = draw
        self.now = now
        self.reach = reach
        self.kinds = kinds

    def one_of(self, options: Any) -> Any:
        return self.draw(st.sampled_from(list(options)))

    def is_off(self) -> bool:
        return bool(self.draw(st.integers(0, 7)) == 0)

    def group(self, table: TableName, trail: tuple[TableName, ...], depth: int) -> Group:
        kind = self.one_of(GroupKind)
        size = self.draw(st.integers(0, 3 if depth else 1))
        rules = tuple(self.rule(table, trail, depth) for _ in range(size))
        return Group(kind, rules)

    def rule(self, table: TableName, trail: tuple[TableName, ...], depth: int) -> Rule:
        options = ["condition", "condition"]
        if depth:
            options += ["group", "related", "related"]
        if not trail:
            options.append("elsewhere")
        match self.one_of(options):
            case "group":
                group = self.group(table, trail, depth - 1)
                return Group(group.kind, group.rules, is_off=self.is_off())
            case "related":
                return self.related(table, depth - 1)
            case "elsewhere":
                return self.elsewhere()
        return self.condition(table, trail)

    def elsewhere(self) -> Rule:
        if self.draw(st.booleans()):
            audience_id, version = self.one_of(AUDIENCES)
            return InAudience(audience_id, version, is_off=self.is_off())
        states = self.draw(st.lists(st.sampled_from(STATES), min_size=1, max_size=2, unique=True))
        return Happened(CAMPAIGN, tuple(states), is_off=self.is_off())

    def condition(self, table: TableName, trail: tuple[TableName, ...]) -> Condition:
        field, column = self.field(table, trail, self.kinds - {Kind.OTHER})
        operator, shape = self.one_of(OPERATORS[column.kind].items())
        return Condition(field, operator, self.value(operator, shape), is_off=self.is_off())

    def value(self, operator: Operator, shape: Shape) -> Value:
        value: Value = self.draw(
            values(shape, self.now, self.reach, not_empty=operator in PARTS_OF_TEXT)
        )
        return value

    def field(
        self,
        table: TableName,
        trail: tuple[TableName, ...],
        kinds: frozenset[Kind],
        *,
        is_summed: bool = False,
    ) -> tuple[Field, Column]:
        """A field of one of these kinds, of which the table at hand has a column."""
        step = self.one_of((None, *range(1, len(trail) + 1)))
        at = table if step is None else trail[step - 1]
        hops: list[Hop] = []
        for _ in range(self.draw(st.integers(0, 2))):
            onward = hops_from(at, forward_only=True)
            if not onward:
                break
            hops.append(self.one_of(onward))
            at = target_of(hops[-1])
        columns = _columns(at, kinds, is_summed=is_summed)
        if not columns:
            step, hops, columns = None, [], _columns(table, kinds, is_summed=is_summed)
        column = self.one_of(columns)
        path = ()
        if column.kind is Kind.JSON:
            keys = st.lists(st.sampled_from(JSON_KEYS), max_size=2).map(tuple)
            path = self.draw(keys)
        return Field(column.name, path, tuple(hops), step), column

    def related(self, table: TableName, depth: int) -> Related:
        path, trail = self.path(table)
        where = self.group(trail[-1], trail, depth)
        measure = self.measure(trail[-1])
        if measure in (Measure.HAS, Measure.HAS_NONE):
            return Related(path, measure, where, is_off=self.is_off())
        field, kind, by = None, None, None
        if FIELD_KINDS[measure]:
            kinds = FIELD_KINDS[measure] & self.kinds
            summed = measure is Measure.SUM
            field, column = self.field(trail[-1], (), kinds, is_summed=summed)
            kind = column.kind
        if measure is Measure.LAST:
            by, _ = self.field(trail[-1], trail, ORDERED_KINDS)
        operator, shape = self.one_of(shapes_of(measure, kind).items())
        value = self.value(operator, shape)
        return Related(path, measure, where, field, by, operator, value, is_off=self.is_off())

    def measure(self, end: TableName) -> Measure:
        """One that the table at the end of a path has a column for."""
        fit = [
            one
            for one in Measure
            if not FIELD_KINDS[one]
            or _columns(end, FIELD_KINDS[one] & self.kinds, is_summed=one is Measure.SUM)
        ]
        measure: Measure = self.one_of(fit)
        return measure

    def path(self, table: TableName) -> tuple[tuple[Hop, ...], tuple[TableName, ...]]:
        """One to three hops from a row of `table`, and the tables that they lead to."""
        hops: list[Hop] = []
        trail: list[TableName] = []
        for _ in range(self.draw(st.integers(1, 3))):
            onward = hops_from(trail[-1] if trail else table, forward_only=False)
            hops.append(self.one_of(onward))
            trail.append(target_of(hops[-1]))
        return tuple(hops), tuple(trail)


def _columns(table: TableName, kinds: frozenset[Kind], *, is_summed: bool = False) -> list[Column]:
    """Sums of extreme floats depend on their order: no two servers need agree."""
    found = SCHEMA.table(table)
    assert found is not None
    left_out = {"score"} if is_summed else set()
    return [one for one in found.columns if one.kind in kinds and one.name not in left_out]


ALL_KINDS = frozenset(Kind)


@st.composite
def trees(
    draw: Draw, now: datetime, reach: Reach = POSTGRESQL, kinds: frozenset[Kind] = ALL_KINDS
) -> Criteria:
    """Criteria over the people of the schema, rules off and empty groups among them."""
    return Criteria(_Tree(draw, now, reach, kinds).group(PERSON, (), 2))

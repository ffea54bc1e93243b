"""What holds of all criteria: their meaning, their JSON, their counts, their words."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from postroad.core.criteria.check import faults_of
from postroad.core.criteria.evaluate import Elsewhere, Rows, fulfils, people_of
from postroad.core.criteria.funnel import first_that_left_out, steps_of
from postroad.core.criteria.operators import POSITIVE_OF
from postroad.core.criteria.places import number_of, walk
from postroad.core.criteria.reading import from_json, from_text
from postroad.core.criteria.tree import Condition, Criteria, Group, GroupKind, Related, says
from postroad.core.criteria.words import Names, rule_words, words_of
from postroad.core.criteria.writing import to_json
from postroad.testing.criteria import AUDIENCES, CAMPAIGN, trees
from postroad.testing.criteria_rows import PERSON, SCHEMA, databases, nows

ELSEWHERE = Elsewhere({AUDIENCES[0]: {1, 2}}, {(CAMPAIGN, "dead"): {2, 3}})


@st.composite
def worlds(draw: Any) -> tuple[Rows, datetime, Criteria]:
    now = draw(nows())
    return draw(databases(now)), now, draw(trees(now))


@st.composite
def some_criteria(draw: Any) -> Criteria:
    criteria: Criteria = draw(trees(draw(nows())))
    return criteria


def all_of(*rules: Any) -> Criteria:
    return Criteria(Group(GroupKind.ALL, rules))


@given(some_criteria())
def test_drawn_criteria_have_no_fault(criteria: Criteria) -> None:
    assert faults_of(criteria, SCHEMA, PERSON) == ()


@given(worlds())
def test_a_negative_operator_holds_exactly_where_its_positive_does_not(
    world: tuple[Rows, datetime, Criteria],
) -> None:
    rows, now, criteria = world
    for _, rule in walk(criteria):
        if not isinstance(rule, Condition) or rule.field.step or rule not in criteria.root.rules:
            continue
        positive = POSITIVE_OF.get(rule.operator)
        if positive is None:
            continue
        negative = replace(rule, is_off=False)
        those = people_of(all_of(replace(negative, operator=positive)), rows, now)
        others = people_of(all_of(negative), rows, now)
        assert sorted(those + others) == sorted(row["id"] for row in rows.tables[PERSON])


@given(worlds())
def test_none_of_is_everybody_but_any_of(world: tuple[Rows, datetime, Criteria]) -> None:
    rows, now, criteria = world
    if not says(criteria.root):
        return
    some = people_of(Criteria(replace(criteria.root, kind=GroupKind.ANY)), rows, now, ELSEWHERE)
    none = people_of(Criteria(replace(criteria.root, kind=GroupKind.NONE)), rows, now, ELSEWHERE)
    assert sorted(some + none) == sorted(row["id"] for row in rows.tables[PERSON])


@given(worlds())
def test_a_rule_that_is_off_changes_nothing(world: tuple[Rows, datetime, Criteria]) -> None:
    rows, now, criteria = world
    found = people_of(criteria, rows, now, ELSEWHERE)
    assert people_of(Criteria(without_off(criteria.root)), rows, now, ELSEWHERE) == found


def without_off(group: Group) -> Group:
    """The group without what is off, in it and in the related rules in it."""
    kept = []
    for rule in group.rules:
        if rule.is_off:
            continue
        match rule:
            case Group():
                kept.append(without_off(rule))
            case Related():
                kept.append(replace(rule, where=without_off(rule.where)))  # type: ignore[arg-type]
            case _:
                kept.append(rule)  # type: ignore[arg-type]
    return replace(group, rules=tuple(kept))


@given(worlds(), st.data())
def test_a_rule_more_that_must_hold_never_adds_people(
    world: tuple[Rows, datetime, Criteria], data: st.DataObject
) -> None:
    rows, now, criteria = world
    if criteria.root.kind is not GroupKind.ALL:
        return
    more = data.draw(trees(now)).root
    wider = set(people_of(criteria, rows, now, ELSEWHERE))
    rules = (*criteria.root.rules, more)
    narrower = Criteria(replace(criteria.root, rules=rules))
    assert set(people_of(narrower, rows, now, ELSEWHERE)) <= wider


@given(some_criteria())
def test_json_comes_back_as_the_same_criteria(criteria: Criteria) -> None:
    written = to_json(criteria)
    assert from_json(written) == criteria
    text = json.dumps(written, ensure_ascii=False)
    assert from_text(text) == criteria
    assert json.dumps(to_json(from_text(text)), ensure_ascii=False) == text  # type: ignore[arg-type]


@given(worlds())
def test_the_last_count_so_far_is_that_of_the_whole(
    world: tuple[Rows, datetime, Criteria],
) -> None:
    rows, now, criteria = world
    counted = [step for step in steps_of(criteria) if step.so_far is not None]
    if not counted or criteria.root.kind is GroupKind.ANY:
        return
    numbers = [int(step.number) for step in counted if "." not in step.number]
    last = next(step for step in counted if step.number == str(numbers[-1]))
    assert last.so_far is not None
    found = people_of(criteria, rows, now, ELSEWHERE)
    assert people_of(last.so_far, rows, now, ELSEWHERE) == found


@given(worlds())
def test_the_first_rule_that_left_a_person_out_is_where_they_leave_the_counts(
    world: tuple[Rows, datetime, Criteria],
) -> None:
    rows, now, criteria = world
    steps = {step.number: step.so_far for step in steps_of(criteria)}
    for person in rows.tables[PERSON]:

        def is_in(asked: Criteria, person: Any = person) -> bool:
            return fulfils(asked, rows, person, now, ELSEWHERE)

        number = first_that_left_out(criteria, is_in)
        assert (number is None) == is_in(criteria)
        if not number:
            continue
        so_far = steps[number]
        assert so_far is not None
        assert not is_in(so_far)
        before = [
            so
            for at, so in steps.items()
            if so and "." not in at and int(at) < int(number.split(".")[0])
        ]
        assert all(is_in(one) for one in before)


@given(some_criteria())
def test_every_rule_has_words_on_one_line(criteria: Criteria) -> None:
    names = Names(SCHEMA)
    for _, rule in walk(criteria):
        words = rule_words(rule, names)
        assert words.strip()
        assert words.isprintable()
    words = words_of(criteria, names)
    assert words.endswith(".")
    assert words.isprintable()
    assert (words == "Everybody.") == (not says(criteria.root))


@given(some_criteria())
def test_words_leave_out_what_is_off(criteria: Criteria) -> None:
    names = Names(SCHEMA)
    assert words_of(criteria, names) == words_of(Criteria(without_off(criteria.root)), names)


@given(some_criteria())
def test_numbers_are_places(criteria: Criteria) -> None:
    numbers = [number_of(place) for place, _ in walk(criteria)]
    assert len(set(numbers)) == len(numbers)
    assert [step.number for step in steps_of(criteria)] == [
        number for number in numbers if number in {step.number for step in steps_of(criteria)}
    ]

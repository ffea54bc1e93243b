"""Which criteria the counts beside the rules are, and who left a person out."""

from typing import Any

from postroad.core.criteria.evaluate import fulfils, people_of
from postroad.core.criteria.funnel import first_that_left_out, steps_of
from postroad.core.criteria.tree import Criteria, Operator
from postroad.testing.criteria_rows import PERSON

from .kit import NOW, ORDERS, all_of, any_of, database, has, none_of, rule

PEOPLE = [{"id": n, "age": n * 10, "name": "ab"[n % 2]} for n in range(1, 7)]
ROWS = database(PEOPLE, orders=[{"id": 1, "person": 3}])

ROOT = Criteria(
    all_of(
        rule("age", Operator.MORE, 10),
        any_of(
            rule("name", Operator.IS, "b"),
            rule("age", Operator.IS, 0, is_off=True),
            rule("age", Operator.IS, 40),
        ),
        none_of(
            rule("age", Operator.IS, 50), has(ORDERS, where=all_of(rule("id", Operator.IS, 1)))
        ),
        any_of(),
    )
)


def people(criteria: Criteria | None) -> list[Any] | None:
    return None if criteria is None else people_of(criteria, ROWS, NOW)


def test_each_rule_is_counted_alone_and_so_far() -> None:
    counted = [(step.number, people(step.alone), people(step.so_far)) for step in steps_of(ROOT)]
    assert counted == [
        ("1", [2, 3, 4, 5, 6], [2, 3, 4, 5, 6]),
        ("2", [1, 3, 4, 5], [3, 4, 5]),
        ("2.1", [1, 3, 5], [3, 5]),
        ("2.2", None, None),
        ("2.3", [4], [3, 4, 5]),
        ("3", [3, 5], [4]),
        ("3.1", [5], [3, 4]),
        ("3.2", [3], [4]),
        ("4", None, None),
    ]


def test_rules_of_a_group_that_is_off_count_nothing() -> None:
    criteria = Criteria(all_of(all_of(rule("age", Operator.IS, 10), is_off=True)))
    assert [(step.number, step.alone, step.so_far) for step in steps_of(criteria)] == [
        ("1", None, None),
        ("1.1", None, None),
    ]


def left_out_by(criteria: Criteria) -> list[str | None]:
    rows = ROWS.tables[PERSON]
    return [
        first_that_left_out(criteria, lambda asked, one=one: fulfils(asked, ROWS, one, NOW))  # type: ignore[misc]
        for one in rows
    ]


def test_the_first_rule_that_left_a_person_out_is_told() -> None:
    assert left_out_by(ROOT) == ["1", "2", "3.2", None, "3.1", "2"]


def test_what_is_off_leaves_nobody_out() -> None:
    criteria = Criteria(all_of(rule("age", Operator.IS, 0, is_off=True), all_of()))
    assert left_out_by(criteria) == [None] * 6


def test_rules_of_which_one_must_hold_leave_out_together() -> None:
    criteria = Criteria(any_of(rule("age", Operator.IS, 10), rule("age", Operator.IS, 20)))
    assert left_out_by(criteria) == [None, None, "", "", "", ""]


def test_a_rule_that_must_hold_is_found_within_its_group() -> None:
    inner = all_of(rule("age", Operator.MORE, 10), rule("age", Operator.MORE, 20))
    assert left_out_by(Criteria(all_of(inner))) == ["1.1", "1.2", None, None, None, None]
    assert left_out_by(Criteria(none_of(inner)))[2:] == ["1", "1", "1", "1"]

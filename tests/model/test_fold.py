"""Properties of core.lifecycle: the state is what follows from all facts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroad.core.lifecycle import (
    FACT_RULES,
    RUN_TRANSITIONS,
    DeliveryState,
    Fact,
    FactKind,
    Folded,
    RunState,
    fold,
)

FACTS = st.builds(Fact, st.integers(0, 4), st.sampled_from(FactKind))
LISTS = st.lists(FACTS, max_size=12)


@given(st.data(), LISTS)
def test_any_order_of_the_same_facts_gives_the_same_row(
    data: st.DataObject, facts: list[Fact]
) -> None:
    assert fold(data.draw(st.permutations(facts))) == fold(facts)


@given(LISTS, FACTS)
def test_a_fact_taken_twice_changes_nothing(facts: list[Fact], fact: Fact) -> None:
    once = fold([*facts, fact])
    assert once.take(fact) == once


@given(LISTS, FACTS, FACTS)
def test_two_facts_commute_on_any_row(facts: list[Fact], one: Fact, other: Fact) -> None:
    row = fold(facts)
    assert row.take(one).take(other) == row.take(other).take(one)


@given(LISTS)
def test_the_attempt_is_the_highest_that_has_a_fact(facts: list[Fact]) -> None:
    assert fold(facts).attempt == max((fact.attempt for fact in facts), default=0)


@given(LISTS, st.integers(0, 4))
def test_an_acceptance_is_never_undone_by_what_is_no_evidence(
    facts: list[Fact], attempt: int
) -> None:
    row = fold([*facts, Fact(attempt, FactKind.ACCEPTED)])
    assert FACT_RULES[row.fact].over_all > 0


@given(LISTS)
def test_the_strongest_evidence_wins_whatever_its_attempt(facts: list[Fact]) -> None:
    evidence = [fact for fact in facts if FACT_RULES[fact.kind].over_all > 0]
    if evidence:
        best = max(evidence, key=lambda fact: FACT_RULES[fact.kind].over_all)
        assert fold(facts).fact is best.kind


@given(LISTS)
def test_without_evidence_the_latest_attempt_decides(facts: list[Fact]) -> None:
    plain = [fact for fact in facts if FACT_RULES[fact.kind].over_all == 0]
    if plain == facts and facts:
        latest = max(fact.attempt for fact in facts)
        row = fold(facts)
        # Attempt 0 starts as selected, the weakest fact there is.
        assert row.fact in {f.kind for f in facts if f.attempt == latest} | (
            {FactKind.SELECTED} if latest == 0 else set()
        )


@pytest.mark.parametrize(
    ("weaker", "stronger"),
    [
        (FactKind.PURGED, FactKind.UNKNOWN),
        (FactKind.SUPPRESSED, FactKind.UNKNOWN),
        (FactKind.UNKNOWN, FactKind.NOT_BEGUN),
        (FactKind.NOT_BEGUN, FactKind.DEFERRED),
        (FactKind.DEFERRED, FactKind.SETTLED_SENT),
        (FactKind.DEFERRED, FactKind.SETTLED_RESEND),
        (FactKind.DEFERRED, FactKind.SETTLED_DROP),
        (FactKind.SETTLED_DROP, FactKind.REJECTED),
        (FactKind.SETTLED_SENT, FactKind.DEAD),
        (FactKind.DEAD, FactKind.ACCEPTED),
        (FactKind.ACCEPTED, FactKind.DELIVERED),
        (FactKind.DELIVERED, FactKind.BOUNCED),
        (FactKind.BOUNCED, FactKind.COMPLAINED),
    ],
)
def test_within_one_attempt_the_better_known_wins(weaker: FactKind, stronger: FactKind) -> None:
    assert fold([Fact(1, stronger), Fact(1, weaker)]).fact is stronger


def test_a_late_250_of_an_earlier_attempt_decides() -> None:
    row = fold([Fact(1, FactKind.UNKNOWN), Fact(2, FactKind.REJECTED), Fact(1, FactKind.ACCEPTED)])
    assert (row.state, row.attempt) == (DeliveryState.ACCEPTED, 2)


def test_every_fact_has_a_rule_and_every_state_a_fact() -> None:
    assert set(FACT_RULES) == set(FactKind)
    assert {rule.state for rule in FACT_RULES.values()} == set(DeliveryState)


def test_a_new_delivery_is_selected() -> None:
    assert Folded().state is DeliveryState.SELECTED


def test_every_run_state_has_its_row_of_transitions() -> None:
    assert set(RUN_TRANSITIONS) == set(RunState)


def test_every_live_run_can_be_stopped_and_a_stopped_one_never_runs_again() -> None:
    for state in RunState:
        assert (RunState.STOPPED in RUN_TRANSITIONS[state]) == state.is_live
    assert not RUN_TRANSITIONS[RunState.STOPPED]


def test_every_live_run_can_be_held_and_let_go_on_where_it_was() -> None:
    for state in RunState:
        can_hold = state.is_live and state is not RunState.HELD
        assert (RunState.HELD in RUN_TRANSITIONS[state]) == can_hold
        assert (state in RUN_TRANSITIONS[RunState.HELD]) == (can_hold or state is RunState.STOPPED)


def test_every_run_state_is_reached_from_selecting() -> None:
    reached = {RunState.SELECTING}
    while new := {after for state in reached for after in RUN_TRANSITIONS[state]} - reached:
        reached |= new
    assert reached == set(RunState)

"""The rules of a launch, without a database."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroad.core.launching import (
    Moment,
    NoMoment,
    can_pause,
    can_resume,
    can_stop,
    can_undo,
    is_launched,
    is_unkind,
    moment_in,
    must_type,
    refusal,
    seconds_needed,
    time_fault,
    typed_number,
)
from postroad.core.lifecycle import RUN_TRANSITIONS, RunState
from postroad.core.running import AlreadyLaunched, BadTime, CountDiffers, NotReady

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]


def local(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """What clocks show, without a zone."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC).replace(tzinfo=None)


def test_a_time_that_clocks_skip_is_refused_with_the_next_one_that_exists() -> None:
    found = moment_in(local(2026, 3, 29, 2, 30), BERLIN)
    assert isinstance(found, NoMoment)
    assert "03:30" in found.text


def test_a_time_that_comes_twice_is_the_first_one_and_says_so() -> None:
    first = moment_in(local(2026, 10, 25, 2, 30), BERLIN)
    second = moment_in(local(2026, 10, 25, 2, 30), BERLIN, is_second=True)
    assert isinstance(first, Moment)
    assert isinstance(second, Moment)
    assert first.at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert second.at - first.at == timedelta(hours=1)
    assert "twice" in first.note
    assert first.note != second.note


def test_an_ordinary_time_says_nothing() -> None:
    found = moment_in(local(2026, 7, 1, 9), BERLIN)
    assert found == Moment(datetime(2026, 7, 1, 7, tzinfo=UTC))


@given(
    shown=st.datetimes(local(2020, 1, 1), local(2035, 1, 1)),
    zone=st.sampled_from(ZONES),
    is_second=st.booleans(),
)
def test_a_moment_shows_the_local_time_it_was_made_from(
    shown: datetime, zone: str, *, is_second: bool
) -> None:
    found = moment_in(shown, ZoneInfo(zone), is_second=is_second)
    if isinstance(found, Moment):
        assert found.at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == shown
    else:
        # Whoever was refused finds no minute in UTC, a day around, that shows that time.
        near = datetime.combine(shown.date(), shown.time(), UTC)
        minutes = (near + timedelta(minutes=step) for step in range(-26 * 60, 26 * 60))
        assert all(at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != shown for at in minutes)


def test_a_past_time_and_one_far_ahead_are_refused() -> None:
    assert time_fault(NOW, NOW)
    assert time_fault(NOW + timedelta(days=400), NOW)
    assert time_fault(NOW + timedelta(seconds=1), NOW) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("11,570", 11570),
        ("11 570", 11570),
        ("11.570", 11570),
        ("0", 0),
        ("", None),
        ("all", None),
        ("-5", None),
        ("٣", None),
        ("9" * 40, None),
    ],
)
def test_a_number_is_read_as_people_type_it(text: str, number: int | None) -> None:
    assert typed_number(text) == number


def test_the_count_is_typed_from_a_thousand_on() -> None:
    assert not must_type(999)
    assert must_type(1000)


def test_a_launch_of_a_thousand_needs_their_number() -> None:
    counts = {"prepared": 1000, "failed": 3}
    ready = RunState.READY
    assert refusal(ready, counts, None, None, NOW) == CountDiffers(1000, None)
    assert refusal(ready, counts, 1003, None, NOW) == CountDiffers(1000, 1003)
    assert refusal(ready, counts, 1000, None, NOW) is None
    assert refusal(ready, {"prepared": 999}, None, None, NOW) is None


def test_a_launch_in_the_past_names_its_field() -> None:
    refused = refusal(RunState.READY, {"prepared": 1}, None, NOW - timedelta(minutes=1), NOW)
    assert isinstance(refused, BadTime)
    assert "time" in refused.faults


@pytest.mark.parametrize("state", RunState)
def test_only_a_ready_run_with_mails_can_be_launched(state: RunState) -> None:
    refused = refusal(state, {"prepared": 5}, None, None, NOW)
    if state is RunState.READY:
        assert refused is None
        assert isinstance(refusal(state, {"failed": 5}, None, None, NOW), NotReady)
    elif is_launched(state):
        assert refused == AlreadyLaunched(state)
    else:
        assert isinstance(refused, NotReady)
        assert refused.text.endswith((".", "!"))


@pytest.mark.parametrize("state", RunState)
def test_the_buttons_follow_the_lifecycle(state: RunState) -> None:
    after = RUN_TRANSITIONS[state]
    assert not can_pause(state) or RunState.PAUSED in after
    assert not can_resume(state) or RunState.RUNNING in after
    assert not can_undo(state) or RunState.READY in after
    assert can_stop(state) == state.is_live


def test_the_slower_limit_says_how_long_a_run_takes() -> None:
    assert seconds_needed(1000, None, None) is None
    assert seconds_needed(1000, 600, None) == 100
    assert seconds_needed(1000, 600, 500) == 86_400
    assert seconds_needed(0, 600, 500) == 0


def test_the_night_is_unkind() -> None:
    assert is_unkind(local(2026, 1, 1, 3))
    assert is_unkind(local(2026, 1, 1, 21))
    assert not is_unkind(local(2026, 1, 1, 8))

"""The rules of a launch, without a database."""

from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroad.core.estimate import DAY, MOST_DAYS, Allowance, estimate
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
    time_fault,
    typed_number,
)
from postroad.core.lifecycle import RUN_TRANSITIONS, RunState
from postroad.core.limit import LimitKind, Limits
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


def relay(name: str = "A", used: int = 0, ramp_days: int = 0, **limits: int) -> Allowance:
    return Allowance(LimitKind.RELAY, name, Limits(**limits), used, ramp_days)


def seconds(mails: int, *allowances: Allowance) -> float | None:
    found = estimate(mails, allowances)
    return None if found is None else round(found.seconds, 3)


def test_the_limits_say_how_long_a_run_takes() -> None:
    assert seconds(1000, relay()) is None
    assert seconds(1000) is None
    assert seconds(1000, relay(per_minute=600)) == 100
    assert seconds(1000, relay(per_minute=600, per_day=500)) == DAY + 50
    assert seconds(1000, relay(per_day=500)) == DAY
    assert seconds(500, relay(per_day=500)) == 0
    assert seconds(500, relay(per_day=500, used=100)) == DAY
    assert seconds(0, relay(per_minute=600, per_day=500)) == 0
    assert seconds(10**9, relay(per_day=1)) == MOST_DAYS * DAY


def test_a_warm_up_grows_day_by_day_to_its_end() -> None:
    warm = partial(relay, ramp_first=100, ramp_percent=100, per_day=300)
    assert seconds(100, warm()) == 0
    assert seconds(300, warm()) == DAY
    assert seconds(600, warm()) == 2 * DAY, "100, 200, 300"
    assert seconds(600, warm(ramp_days=2)) == DAY, "300, 300"


def test_relays_share_and_each_lane_has_its_own_mails_to_let_out() -> None:
    quick, slow = relay("Q", per_minute=600), relay("S", per_minute=60, per_day=60)
    assert seconds(1000, quick, relay("F")) is None, "the free one takes what is left"
    assert seconds(660, quick, slow) == 60
    assert seconds(1260, quick, slow) == 120, "the slow one's day is over after a minute"
    lane = Allowance(LimitKind.LANE, "yahoo", Limits(per_minute=10), mails=100)
    assert seconds(660, quick, slow, lane) == 600
    found = estimate(660, [quick, slow, lane])
    assert found is not None
    assert found.by == (lane,)
    campaign = Allowance(LimitKind.CAMPAIGN, "1", Limits(per_minute=6))
    assert seconds(660, relay("F"), lane, campaign) == 6600


@given(
    st.integers(0, 5000),
    st.lists(
        st.tuples(st.integers(1, 600), st.none() | st.integers(1, 900)), min_size=1, max_size=4
    ),
)
def test_one_relay_more_never_takes_longer(
    mails: int, relays: list[tuple[int, int | None]]
) -> None:
    made = [
        Allowance(LimitKind.RELAY, "R", Limits(per_minute=rate, per_day=cap))
        for rate, cap in relays
    ]
    together, fewer = seconds(mails, *made), seconds(mails, *made[1:])
    assert together is not None
    assert fewer is None or together <= fewer + 0.001


def test_the_night_is_unkind() -> None:
    assert is_unkind(local(2026, 1, 1, 3))
    assert is_unkind(local(2026, 1, 1, 21))
    assert not is_unkind(local(2026, 1, 1, 8))

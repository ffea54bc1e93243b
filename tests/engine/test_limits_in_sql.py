"""Limits in SQL and in core are one arithmetic, and never give a second too many."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from postroad.core.limits import (
    AHEAD_US,
    MINUTE_US,
    SECOND_US,
    Hole,
    Pace,
    interval_of,
    life_of,
    slowed_rate,
    take_moments,
)
from postroad.testing.database import TestServer

START: Final = 1_700_000_000 * SECOND_US
RATES: Final = st.sampled_from((1, 6, 7, 30, 60, 90, 120, 600, 1000, 3000, 60_000))
WINDOWS: Final = st.lists(
    st.tuples(
        st.integers(0, 2), st.integers(1, 60), st.integers(0, 1_500_000), st.sampled_from((1, 2))
    ),
    max_size=25,
)
"""Which buckets a window draws on, its mails, microseconds passed, how far ahead."""


@pytest.fixture(scope="module")
def postgres(postgres_server: TestServer, template_database: str) -> Iterator[psycopg.Connection]:
    with (
        postgres_server.clone(template_database) as dsn,
        psycopg.connect(dsn, autocommit=True) as connection,
    ):
        yield connection


def most_within(moments: list[int], span: int) -> int:
    """The fullest stretch of so many microseconds, its end left out."""
    most = first = 0
    for last, moment in enumerate(moments):
        while moment - moments[first] >= span:
            first += 1
        most = max(most, last - first + 1)
    return most


@given(rates=st.tuples(RATES, RATES), windows=WINDOWS)
def test_no_second_and_no_minute_has_more_than_its_rate(
    rates: tuple[int, int], windows: list[tuple[int, int, int, int]]
) -> None:
    paces = [Pace(interval_of(rate), 0) for rate in rates]
    spent: list[list[int]] = [[], []]
    now = START
    for which, want, passed, times in windows:
        now += passed
        used = (0, 1) if which == 2 else (which,)
        moments, left = take_moments([paces[k] for k in used], want, now, times * AHEAD_US)
        assert all(now <= moment <= now + times * AHEAD_US for moment in moments)
        assert all(a < b for a, b in pairwise(moments))
        for k, pace in zip(used, left, strict=True):
            paces[k] = pace
            spent[k] += moments
    for rate, moments in zip(rates, spent, strict=True):
        late = life_of(rate)
        assert most_within(sorted(moments), SECOND_US + late) <= max(1, -(-rate // 60))
        assert most_within(sorted(moments), MINUTE_US + late) <= rate


def test_a_slow_bucket_leaves_the_moments_between_to_others() -> None:
    relay, lane = Pace(interval_of(3000), 0), Pace(interval_of(60), 0)
    slow, (relay, lane) = take_moments([relay, lane], 2, START)
    assert len(slow) == 1
    fast, _ = take_moments([relay], 100, START)
    assert len(fast) >= 48
    assert most_within(sorted(fast + slow), SECOND_US) <= 50


def test_a_clock_set_back_stops_nothing_for_long() -> None:
    ahead = Pace(interval_of(60), START + 3600 * SECOND_US)
    moments, _ = take_moments([ahead], 1, START, 5 * AHEAD_US)
    assert moments
    assert moments[0] <= START + 4 * AHEAD_US


def test_a_slowed_lane_recovers_by_steps_after_ten_minutes() -> None:
    assert [slowed_rate(300, 600, minutes * 60) for minutes in (0, 9, 10, 11, 19, 99)] == [
        300, 300, 330, 360, 600, 600
    ]  # fmt: skip


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(rates=st.tuples(RATES, RATES), windows=WINDOWS)
def test_sql_takes_the_same_moments_as_core(
    postgres: psycopg.Connection,
    rates: tuple[int, int],
    windows: list[tuple[int, int, int, int]],
) -> None:
    paces = [Pace(interval_of(rate), 0) for rate in rates]
    now = START
    for which, want, passed, times in windows:
        now += passed
        used = (0, 1) if which == 2 else (which,)
        before = [paces[k] for k in used]
        ours, left = take_moments(before, want, now, times * AHEAD_US)
        theirs = _in_sql(postgres, before, want, now, times * AHEAD_US)
        assert theirs == (ours, left)
        for k, pace in zip(used, left, strict=True):
            paces[k] = pace


def _in_sql(
    postgres: psycopg.Connection, paces: list[Pace], want: int, now: int, ahead: int
) -> tuple[list[int], list[Pace]]:
    rows = "array_agg(jsonb_populate_record(NULL::bucket, b) ORDER BY place)"
    found = postgres.execute(
        f"""SELECT t.moments, (SELECT jsonb_agg(to_jsonb(b)) FROM unnest(t.buckets) b)
            FROM (SELECT {rows} AS buckets FROM jsonb_array_elements(%s) WITH ORDINALITY
                  AS u (b, place)) g, take_moments(g.buckets, %s, %s, %s) t""".encode(),
        [Jsonb([_row(pace) for pace in paces]), want, now, ahead],
    ).fetchone()
    assert found is not None
    return found[0], [
        Pace(
            row["interval_us"],
            row["next_us"],
            tuple(map(Hole, row["hole_us"], row["hole_count"])),
        )
        for row in found[1]
    ]


def _row(pace: Pace) -> dict[str, object]:
    return {
        "interval_us": pace.interval_us,
        "next_us": pace.next_us,
        "hole_us": [hole.first_us for hole in pace.holes],
        "hole_count": [hole.count for hole in pace.holes],
    }


@given(rate=st.integers(1, 10_000_000))
@settings(deadline=None, max_examples=60)
def test_sql_and_core_space_a_rate_alike(postgres: psycopg.Connection, rate: int) -> None:
    row = postgres.execute("SELECT interval_of(%s), life_of(%s)", [rate, rate]).fetchone()
    assert row == (interval_of(rate), life_of(rate))


@given(rate=st.integers(6, 3000), was=st.integers(6, 6000), since=st.integers(0, 100_000))
@settings(deadline=None, max_examples=60)
def test_sql_and_core_recover_alike(
    postgres: psycopg.Connection, rate: int, was: int, since: int
) -> None:
    call = "SELECT slowed_rate(%s, %s, make_interval(secs => %s))"
    row = postgres.execute(call, [rate, was, since]).fetchone()
    assert row == (slowed_rate(rate, was, since),)

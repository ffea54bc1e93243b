import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroad.core.lifecycle import CampaignState, DeliveryState, RunState
from postroad.web.console import bars, figures

NOW = datetime(2026, 11, 24, 9, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (248616, "248,616"),
        (-31, "−31"),
        (0, "0"),
        (None, "–"),
        (2.5, "2.5"),
        (1042318, "1,042,318"),
    ],
)
def test_numbers_read_as_people_write_them(value: float | None, text: str) -> None:
    assert figures.number(value) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(61, 100, "61 %"), (2, 10000, "0.02 %"), (1, 10**7, "0.01 %"), (0, 9, "0 %"), (9, 9, "100 %"),
     (99999, 100000, "99 %"), (1, 0, "–"), (38, 1000, "3.8 %")],
)  # fmt: skip
def test_a_share_is_never_rounded_to_all_or_nothing(part: int, whole: int, text: str) -> None:
    assert figures.share(part, whole) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (42_000, "42 KB"), (1_200_000, "1.2 MB"), (999_999, "1.0 MB"),
     (25_000_000, "25 MB")],
)  # fmt: skip
def test_octets_are_decimal(size: int, text: str) -> None:
    assert figures.octets(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (564, "9 min 24 s"), (3600, "1 h"), (90061, "1 d 1 h"), (59.6, "1 min")],
)
def test_a_duration_has_its_two_largest_units(seconds: float, text: str) -> None:
    assert figures.duration(seconds) == text


def test_a_moment_says_no_more_than_is_needed() -> None:
    assert figures.moment(NOW, NOW, UTC) == "09:09"
    assert figures.moment(NOW - timedelta(days=49), NOW, UTC) == "6 Oct 09:09"
    assert figures.moment(NOW - timedelta(days=1047), NOW, UTC) == "12 Jan 2024"
    assert figures.ago(NOW - timedelta(minutes=3), NOW) == "3 min ago"
    assert figures.ago(NOW + timedelta(hours=2), NOW) == "in 2 h"


def test_every_state_has_a_tone_and_every_delivery_state_a_place() -> None:
    words = {state.value for kind in (DeliveryState, RunState, CampaignState) for state in kind}
    assert words | {"sending"} == set(bars.TONES)
    assert set(bars.ORDER) == {state.value for state in DeliveryState} | {"sending"}
    assert bars.ORDER.index("sending") == bars.ORDER.index("deferred") + 1


counts = st.dictionaries(st.sampled_from(bars.ORDER), st.integers(0, 10**7))


@given(counts)
def test_a_bar_fills_exactly_and_shows_every_state_there_is(found: dict[str, int]) -> None:
    total = sum(found.values())
    parts = bars.parts(found, total)
    assert [part.word for part in parts] == [word for word in bars.ORDER if found.get(word)]
    if parts:
        assert sum(part.width for part in parts) == pytest.approx(100, abs=0.05)
        assert min(part.width for part in parts) >= bars.NARROWEST - 0.13
    for left, right in itertools.pairwise(parts):
        assert left.x + left.width == pytest.approx(right.x, abs=0.01)


def test_half_a_bar_stays_half() -> None:
    (part,) = bars.parts({"accepted": 50}, 100)
    assert (part.x, part.width) == (0, 50)

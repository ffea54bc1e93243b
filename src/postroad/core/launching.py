"""The rules of a launch: what may be launched, when, and how long it takes. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from .lifecycle import RUN_TRANSITIONS, DeliveryState, RunState
from .running import AlreadyLaunched, BadTime, CountDiffers, NotReady

TYPED_FROM = 1_000
"""From so many mails on, the number is typed before a launch."""
LONGEST_AHEAD = timedelta(days=366)
KIND_HOURS = range(8, 21)
"""Hours of the day in which a mail wakes nobody."""


@dataclass(frozen=True, slots=True)
class RetryTiming:
    """Seconds before each further attempt, and after which a deferral is given up."""

    backoff_seconds: tuple[int, ...]
    give_up_seconds: int


REAL_TIMING = RetryTiming((1800, 3600, 7200, 14400, 28800, 43200), 432_000)
SANDBOX_TIMING = RetryTiming((2, 4, 8), 600)
"""The sandbox plays a relay; nobody waits half an hour for its second answer."""


@dataclass(frozen=True, slots=True)
class Now:
    """Launch at once, that is after the time in which a launch can be undone."""


@dataclass(frozen=True, slots=True)
class At:
    """Launch when clocks in `zone` (an IANA name) show `local`.

    `is_second`: of an hour that comes twice, the second one is meant.
    """

    local: datetime
    zone: str
    is_second: bool = False


When = Now | At


@dataclass(frozen=True, slots=True)
class Moment:
    """`note` says what a person may not expect of this local time, '' when there is nothing."""

    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class NoMoment:
    """Clocks never show this time; `text` ends with what to do."""

    text: str


def moment_in(local: datetime, zone: tzinfo, *, is_second: bool = False) -> Moment | NoMoment:
    """The moment at which clocks in `zone` show `local` (naive).

    In the gap when clocks go forward there is none. Where they go back a time
    comes twice: the first is meant unless `is_second`.
    """
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return Moment(first.astimezone(UTC))
    back = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    if back != local:
        # In a gap the reading of before it lands behind it, on the first time that exists again.
        text = (
            f"Clocks go forward that day and never show {local:%H:%M}:"
            f" choose {back:%H:%M}, or a time before the change."
        )
        return NoMoment(text)
    chosen, other = (second, first) if is_second else (first, second)
    word, rest = ("second", "first") if is_second else ("first", "second")
    note = (
        f"Clocks go back that day and show {local:%H:%M} twice: the {word} is meant"
        f" ({chosen:%Z}), not the {rest} ({other:%Z})."
    )
    return Moment(chosen.astimezone(UTC), note)


def time_fault(at: datetime, now: datetime) -> str | None:
    """Why a run may not be launched for `at`, ending with what to do, or None."""
    if at <= now:
        return "This time has passed: choose a later one, or launch at once."
    if at - now > LONGEST_AHEAD:
        return "This is more than a year ahead: choose an earlier day."
    return None


def must_type(to_send: int) -> bool:
    """Whether the number of mails is typed to confirm."""
    return to_send >= TYPED_FROM


def typed_number(text: str) -> int | None:
    """A number as people type it: 11,570, 11 570, 11.570. None for anything else."""
    digits = "".join(sign for sign in text if sign not in " ,.'\u00a0\u202f\u2019")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 12 else None


def to_send(counts: Mapping[str, int]) -> int:
    """How many mails a launch would send now: those whose bytes are kept."""
    return counts.get(DeliveryState.PREPARED, 0)


def launch_fault(state: RunState, mails: int) -> str | None:
    """Why a run in this state, which is not launched yet, cannot be; None when it can."""
    match state:
        case RunState.READY if mails:
            return None
        case RunState.READY:
            return "No mail could be prepared: mend the causes in the report and verify again."
        case RunState.SELECTING | RunState.PREPARING:
            return "The mails are still being prepared: wait until all are."
        case RunState.HELD:
            return "The run is held: read the reason, then let it go on or stop it."
        case RunState.STOPPED:
            return "The run was stopped: verify the campaign again for a new one."
        case _:
            return f"The run is {state} already: nothing more is to be launched."


def refusal(
    state: RunState,
    counts: Mapping[str, int],
    typed: int | None,
    at: datetime | None,
    now: datetime,
) -> AlreadyLaunched | NotReady | CountDiffers | BadTime | None:
    """Why this launch is refused, or None: the one rule, asked with the run's row locked.

    `at` None is at once. `counts` and `now` are the database's.
    """
    if is_launched(state):
        return AlreadyLaunched(state)
    mails = to_send(counts)
    fault = launch_fault(state, mails)
    if fault:
        return NotReady(state, fault)
    late = time_fault(at, now) if at else None
    if late:
        return BadTime({"time": late})
    if must_type(mails) and typed != mails:
        return CountDiffers(mails, typed)
    return None


def is_launched(state: RunState) -> bool:
    """Whether a launch has been pressed and stands."""
    return state in (RunState.SCHEDULED, RunState.RUNNING, RunState.PAUSED, RunState.FINISHED)


def can_pause(state: RunState) -> bool:
    return state is RunState.RUNNING


def can_resume(state: RunState) -> bool:
    return state in (RunState.PAUSED, RunState.HELD)


def can_undo(state: RunState) -> bool:
    return state is RunState.SCHEDULED


def can_stop(state: RunState) -> bool:
    return RunState.STOPPED in RUN_TRANSITIONS[state]


def is_unkind(local: datetime) -> bool:
    """Whether a mail at this local time meets people asleep."""
    return local.hour not in KIND_HOURS

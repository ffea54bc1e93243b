"""What came of an act on a run: the outcomes that verify, launch, pause and stop share."""

from dataclasses import dataclass
from datetime import datetime

from .campaign import Check, Severity
from .ids import RunId
from .lifecycle import RunState
from .saved import Gone
from .sending import RelayShare


@dataclass(frozen=True, slots=True)
class Pins:
    """What a run is made of; it never changes once made.

    `routine` and `audience_version_id` are those of the version deployed last.
    `priority` 1 is urgent. `relays` empty: all goes through `relay_id`.
    """

    campaign_id: int
    routine: str
    audience_version_id: int
    revision_id: int
    relay_id: int
    is_personal: bool
    sender_name: str
    sender_address: str
    reply_to: str
    postal_address: str
    priority: int = 0
    relays: tuple[RelayShare, ...] = ()
    unknown_policy: str = "hold"
    resend_limit: int = 1


@dataclass(frozen=True, slots=True)
class VerifyStarted:
    """`is_new` is false where the campaign has a run that waits for launch already."""

    run_id: RunId
    is_new: bool


@dataclass(frozen=True, slots=True)
class Blocked:
    """Nothing was made. `checks`: the whole checklist, red first."""

    checks: tuple[Check, ...]

    @property
    def red(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.severity is Severity.RED)


@dataclass(frozen=True, slots=True)
class Changed:
    """The campaign was edited while it was checked; the text says what to do."""

    text: str


@dataclass(frozen=True, slots=True)
class Launched:
    """Mails begin at `release_at`, until which the launch can be undone. `note`: see Moment."""

    release_at: datetime
    mails: int
    is_released: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class AlreadyLaunched:
    """A launch was pressed before and stands."""

    state: RunState


@dataclass(frozen=True, slots=True)
class NotReady:
    """The run cannot be launched in this state; the text says what to do."""

    state: RunState
    text: str


@dataclass(frozen=True, slots=True)
class CountDiffers:
    """The number that was typed is not the number of mails now. `typed` None: none was."""

    mails: int
    typed: int | None

    @property
    def text(self) -> str:
        if self.typed is None:
            return f"Type the number of mails to confirm: {self.mails:,}."
        return f"{self.mails:,} mails would go out, not {self.typed:,}: type {self.mails:,}."


@dataclass(frozen=True, slots=True)
class BadTime:
    """Field (`date`, `time`, `zone`) → what is wrong, ending with what to do."""

    faults: dict[str, str]


@dataclass(frozen=True, slots=True)
class Done:
    """The run's state is `state` now."""

    state: RunState


@dataclass(frozen=True, slots=True)
class AlreadySo:
    """Pressed twice: the run is in that state already."""

    state: RunState


@dataclass(frozen=True, slots=True)
class NotPossible:
    """The run's state does not allow it; nothing changed. The text says why, and what to do."""

    state: RunState
    text: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """For good. At most `in_flight` mails were in SMTP and still get their reply.

    `purged`: so many waited, and never begin.
    """

    in_flight: int
    purged: int


VerifyOutcome = VerifyStarted | Blocked | Changed | Gone
LaunchOutcome = Launched | AlreadyLaunched | NotReady | CountDiffers | BadTime | Gone
ActOutcome = Done | AlreadySo | NotPossible | Gone
StopOutcome = Stopped | AlreadySo | NotPossible | Gone

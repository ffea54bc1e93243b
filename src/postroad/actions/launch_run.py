"""Launch: a verified run is released, at once or at a time in a zone."""

from typing import Protocol
from zoneinfo import ZoneInfo

from postroad.core.ids import RunId
from postroad.core.launching import Moment, NoMoment, Now, When, moment_in
from postroad.core.running import BadTime, LaunchOutcome


class LaunchStore(Protocol):
    def launch(
        self,
        run_id: RunId,
        at: Moment | None,
        zone: str,
        typed: int | None,
        undo_seconds: float,
        actor: str,
    ) -> LaunchOutcome: ...


def launch_run(
    store: LaunchStore,
    run_id: RunId,
    when: When,
    typed_count: int | None,
    undo_seconds: float,
    actor: str,
) -> LaunchOutcome:
    """`undo_seconds`: how long a launch at once waits, 0 on the command line.

    From 1,000 mails on, `typed_count` must be the number of mails now.
    """
    if isinstance(when, Now):
        return store.launch(run_id, None, "UTC", typed_count, undo_seconds, actor)
    try:
        zone = ZoneInfo(when.zone)
    except (KeyError, ValueError, OSError):
        return BadTime({"zone": "This time zone is not known: write it like Europe/Vienna."})
    moment = moment_in(when.local, zone, is_second=when.is_second)
    if isinstance(moment, NoMoment):
        return BadTime({"time": moment.text})
    return store.launch(run_id, moment, when.zone, typed_count, undo_seconds, actor)

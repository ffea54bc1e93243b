"""The figures that stand beside the navigation."""

from dataclasses import dataclass
from datetime import datetime

from postroad.store.rows import row


@dataclass(frozen=True, slots=True)
class Nav:
    """`dead` and `unknown` end at 1,000. `difference`: recipients that no counter accounts for.

    `alarms`: what must not be and is, found by the program itself.
    """

    dead: int
    unknown: int
    workers: int
    relays: int
    live_runs: int
    alarms: int
    difference: int

    @property
    def is_sandbox_only(self) -> bool:
        """No real relay is set: nothing can leave the machine."""
        return self.relays == 0


def read_nav(_now: datetime) -> Nav:
    """One query, of the same cost at any size. The database's clock says who is alive."""
    return Nav(**row("nav"))

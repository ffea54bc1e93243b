"""How many connections may carry mails to one domain at once.

For domains without a lane of their own: nobody knows what their servers bear,
and a relay passes on what it gets. Mails behind each other on one connection
count once.
"""

from collections import Counter
from collections.abc import Hashable

from postroad.core.mail import Mail
from postroad.engine.smtp.shares import OTHER_LANE, Lane


class DomainShares:
    """`most` connections a domain; 0: any number. Everything in one event loop."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: dict[str, Counter[Hashable]] = {}

    def domain_of(self, lane: Lane, mail: Mail) -> str:
        """'' where nothing bounds it."""
        if not self._most or lane.name != OTHER_LANE:
            return ""
        return mail.recipient.rpartition("@")[2].lower()

    def room(self, domain: str) -> int:
        """So many further connections."""
        return self._most - len(self._held.get(domain, ()))

    def may(self, domain: str, holder: Hashable) -> bool:
        held = self._held.get(domain) if domain else None
        return held is None or holder in held or len(held) < self._most

    def begin(self, domain: str, holder: Hashable) -> None:
        if domain:
            self._held.setdefault(domain, Counter())[holder] += 1

    def end(self, domain: str, holder: Hashable) -> bool:
        """True where it had all its connections and has one fewer now."""
        if not domain:
            return False
        held = self._held[domain]
        held[holder] -= 1
        if held[holder]:
            return False
        del held[holder]
        if not held:
            del self._held[domain]
        return len(held) == self._most - 1

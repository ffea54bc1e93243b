"""Addresses onto the suppression list."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from postroad.core.address import Address
from postroad.core.contact import text_fault
from postroad.core.pasted import BadPiece, parse_pasted
from postroad.core.saved import Refused
from postroad.core.suppression import Reason, SuppressCounts


class SuppressionStore(Protocol):
    def suppress_addresses(
        self, addresses: Iterable[Address], reason: Reason, note: str, actor: str
    ) -> SuppressCounts: ...


@dataclass(frozen=True, slots=True)
class Suppressed:
    """The good pieces are on the list. `rest` is what stays in the box."""

    counts: SuppressCounts
    bad: tuple[BadPiece, ...]
    rest: str


def suppress_addresses(
    store: SuppressionStore,
    text: str,
    note: str,
    actor: str,
    reason: Reason = Reason.MANAGER,
) -> Suppressed | Refused:
    """One address or a whole paste; from now on no mail to them begins."""
    if fault := text_fault(note):
        return Refused({"note": f"The note {fault}"})
    pasted = parse_pasted(text)
    if not pasted.good and not pasted.bad:
        return Refused({"text": "Nothing is in the box: paste or write addresses, a line each."})
    counts = SuppressCounts(0, 0)
    if pasted.good:
        addresses = [contact.address for contact in pasted.good]
        counts = store.suppress_addresses(addresses, reason, note.strip(), actor)
    return Suppressed(counts, pasted.bad, pasted.rest)

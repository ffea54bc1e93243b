"""An address off the suppression list."""

from dataclasses import dataclass
from typing import Protocol

from postroad.core.saved import Gone, Refused
from postroad.core.suppression import Reason


class ReleaseStore(Protocol):
    def release_address(self, address_hash: bytes, actor: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Released:
    """The address may be written to again."""

    hash: bytes


def release_address(
    store: ReleaseStore, address_hash: bytes, reason: Reason, actor: str, *, is_confirmed: bool
) -> Released | Refused | Gone:
    """Who asked not to be written to is released only when that was read and confirmed."""
    if reason.is_the_persons_will and not is_confirmed:
        text = f"This person {reason.words}: confirm that they asked to be written to again."
        return Refused({"confirm": text})
    if not store.release_address(address_hash, actor):
        return Gone("This address is not suppressed any more: nothing is left to do.")
    return Released(address_hash)

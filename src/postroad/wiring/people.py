"""The composition of who is not written to, and of relays at work and what is set for all.

Part of the composition root, as `book` is.
"""

from postroad.actions import pick_people as picking
from postroad.actions import release_address as releasing
from postroad.actions import save_preferences as saving
from postroad.actions import suppress_address as suppressing
from postroad.actions import unsubscribe as unsubscribing
from postroad.core.audience import HandPicked
from postroad.core.preferences import Preferences
from postroad.core.saved import Gone, Refused
from postroad.core.suppression import Reason
from postroad.core.unsubscribe import NoSuchMail, Unsubscribing
from postroad.store.reads import picked as picked_reads
from postroad.store.reads import setting as setting_reads
from postroad.store.reads import suppression as suppression_reads
from postroad.store.reads import unsubscribe as unsubscribe_reads
from postroad.store.writes import setting as setting_writes
from postroad.store.writes import suppression as suppression_writes
from postroad.store.writes import unsubscribe as unsubscribe_writes
from postroad.wiring.book import KNOWN_ZONES


class Suppressions:
    """Addresses never written to."""

    page = staticmethod(suppression_reads.page)
    find = staticmethod(suppression_reads.find)
    find_hash = staticmethod(suppression_reads.find_hash)

    def add(self, text: str, note: str, actor: str) -> suppressing.Suppressed | Refused:
        return suppressing.suppress_addresses(suppression_writes, text, note, actor)

    def release(
        self, address_hash: bytes, reason: Reason, actor: str, *, is_confirmed: bool
    ) -> releasing.Released | Refused | Gone:
        return releasing.release_address(
            suppression_writes, address_hash, reason, actor, is_confirmed=is_confirmed
        )


class Picked:
    """People picked by hand, by their addresses."""

    addresses_of = staticmethod(picked_reads.addresses_of)

    def read(self, text: str) -> HandPicked | Refused:
        return picking.pick_people(picked_reads, text)


class Public:
    """What recipients may do without an account."""

    def look_at(self, token: str) -> Unsubscribing | NoSuchMail:
        return unsubscribing.look_at(unsubscribe_reads, token)

    def unsubscribe(self, token: str) -> Unsubscribing | NoSuchMail:
        return unsubscribing.unsubscribe(unsubscribe_reads, unsubscribe_writes, token)


class SetForAll:
    """What the manager sets for the whole product; `defaults` hold where nothing is set."""

    zones = tuple(sorted(KNOWN_ZONES))

    def __init__(self, defaults: Preferences) -> None:
        self._defaults = defaults

    def get(self) -> Preferences:
        return setting_reads.preferences(self._defaults)

    def save(self, preferences: Preferences, actor: str) -> saving.PreferencesSaved | Refused:
        return saving.save_preferences(setting_writes, preferences, KNOWN_ZONES, actor)

"""What the manager sets for the whole product."""

from dataclasses import dataclass, replace
from typing import Protocol

from postroad.core.preferences import Preferences, preference_faults
from postroad.core.saved import Refused


class PreferenceStore(Protocol):
    def save_preferences(self, preferences: Preferences, actor: str) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class PreferencesSaved:
    """The names of those that changed."""

    changed: tuple[str, ...]


def save_preferences(
    store: PreferenceStore, preferences: Preferences, known_zones: frozenset[str], actor: str
) -> PreferencesSaved | Refused:
    tidy = replace(
        preferences,
        public_url=preferences.public_url.strip().rstrip("/"),
        zone=preferences.zone.strip(),
        sender_name=preferences.sender_name.strip(),
        sender_address=preferences.sender_address.strip(),
    )
    faults = preference_faults(tidy, known_zones)
    if faults:
        return Refused(faults)
    return PreferencesSaved(store.save_preferences(tidy, actor))

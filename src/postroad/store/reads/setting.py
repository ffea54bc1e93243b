"""What the manager set for the whole product."""

from dataclasses import replace

from postroad.core.preferences import Preferences, is_sound
from postroad.store.models import Setting


def preferences(defaults: Preferences) -> Preferences:
    """What is set, and the defaults for the rest. A value of another type is passed over."""
    kept = dict(Setting.objects.values_list("name", "value"))
    known = {name: value for name, value in kept.items() if is_sound(name, value)}
    return replace(defaults, **known)

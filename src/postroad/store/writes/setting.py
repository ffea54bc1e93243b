"""What the manager sets for the whole product."""

from django.db import transaction

from postroad.core.preferences import Preferences
from postroad.store.models import Setting

from .journal import journal_act


def save_preferences(preferences: Preferences, actor: str) -> tuple[str, ...]:
    """Keeps all of them; the names of those that changed."""
    with transaction.atomic(durable=True):
        kept = dict(Setting.objects.select_for_update().values_list("name", "value"))
        wanted = preferences.as_json()
        changed = tuple(name for name, value in wanted.items() if kept.get(name) != value)
        Setting.objects.bulk_create(
            [Setting(name=name, value=wanted[name]) for name in changed],
            update_conflicts=True,
            unique_fields=["name"],
            update_fields=["value"],
        )
        if changed:
            text = f"Settings changed: {', '.join(changed)}."
            journal_act("settings_changed", actor, text, detail={n: wanted[n] for n in changed})
    return changed

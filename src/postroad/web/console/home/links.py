"""Where the dashboard leads. A page that does not exist is no link."""

from collections.abc import Iterable, Mapping
from typing import Final

from django.urls import NoReverseMatch, reverse

_NAMES: Final = {
    "new_campaign": ("web:campaign-new",),
    "campaigns": ("web:campaign-list",),
    "contacts": ("web:contact-list",),
    "paste": ("web:contact-paste",),
    "upload": ("web:contact-import", "web:contact-upload"),
    "add": ("web:contact-new",),
    "new_audience": ("web:audience-new",),
    "content": ("web:content-new", "web:content-list"),
    "relays": ("web:relay-list",),
    "dead": ("web:dead-list",),
    "unknown": ("web:unknown-list",),
    "workers": ("web:worker-list",),
    "inbox": ("web:inbox-list",),
    "account": ("web:account",),
    "journal": ("web:journal-list",),
}


def links() -> Mapping[str, str]:
    """URL by word, '' where there is no page."""
    return {word: _first(names) for word, names in _NAMES.items()}


def run_links(run_ids: Iterable[int]) -> Mapping[int, Mapping[str, str]]:
    """By run: its page, and the verbs of its state."""
    return {
        run_id: {
            "page": _first(("web:run", "web:run-detail"), run_id),
            "pause": _first(("web:run-pause",), run_id),
            "resume": _first(("web:run-resume",), run_id),
            "stop": _first(("web:run-stop",), run_id),
            "launch": _first(("web:run-launch",), run_id),
        }
        for run_id in run_ids
    }


def _first(names: tuple[str, ...], *args: int) -> str:
    for name in names:
        try:
            return reverse(name, args=args)
        except NoReverseMatch:
            continue
    return ""

"""Dead letters: groups by cause, the letters of one, and one letter open beside them."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from postroad.core.dead_letter import Group, Shelf, advice_on
from postroad.core.ids import RunId
from postroad.web.console.delivery.stops import stops
from postroad.web.console.request import Request
from postroad.web.console.respond import page

from .shown import Shown, shown_of, url_of


@require_GET
def letters(request: Request) -> HttpResponse:
    return show(request, shown_of(request.GET))


def show(request: Request, shown: Shown, *, fault: str = "", status: int = 200) -> HttpResponse:
    """The page; `fault` says why an act was refused."""
    groups = request.app.attention.dead_groups(shown.shelf)
    chosen = next((group for group in groups if group.key == shown.group), None)
    chosen = chosen or (groups[0] if groups else None)
    context: dict[str, Any] = {
        "shelf": shown.shelf,
        "shelves": [(shelf, url_of(shelf), shelf == shown.shelf) for shelf in Shelf],
        "groups": [
            {
                "of": group,
                "advice": advice_on(group.cause, group.text),
                "url": url_of(shown.shelf, group.key),
                "is_chosen": group is chosen,
            }
            for group in groups
        ],
        "total": sum(group.count for group in groups),
        "fault": fault,
    }
    if chosen:
        context |= _letters(request, shown, chosen.key) | {"group": chosen}
        context["advice"] = advice_on(chosen.cause, chosen.text)
    return page(request, "dead/list.html", context, status=status)


def _letters(request: Request, shown: Shown, group: Group) -> dict[str, Any]:
    """The letters of the chosen group, and the one that is open."""
    found = request.app.attention.dead_letters(group, shown.shelf, shown.cursor)
    rows = [
        {"of": row, "url": url_of(shown.shelf, group, at=row.n, cursor=shown.cursor)}
        for row in found.rows
    ]
    at = next((at for at, row in enumerate(found.rows) if row.n == shown.at), 0)
    context = {"rows": rows, "pager": _pager(shown, group, found)}
    return context | (_letter(request, rows, at, group.run_id) if rows else {})


def _letter(request: Request, rows: Sequence[Any], at: int, run_id: RunId) -> dict[str, Any]:
    row = rows[at]["of"]
    mail = request.app.mails.delivery(run_id, row.n)
    talks = [stop for stop in stops(mail, mail.facts) if stop.lines] if mail else []
    return {
        "letter": row,
        "mail": mail,
        "talk": talks[-1] if talks else None,
        "source": _beginning(request, run_id, row.n),
        "before": rows[at - 1]["url"] if at else "",
        "after": rows[at + 1]["url"] if at + 1 < len(rows) else "",
    }


def _beginning(request: Request, run_id: RunId, n: int, lines: int = 20) -> str:
    source = request.app.mails.source(run_id, n)
    shown = (source or b"")[:8000].decode("utf-8", "replace").splitlines()
    return "\n".join(shown[:lines])


def _pager(shown: Shown, group: Group, found: Any) -> dict[str, str] | None:
    if not found.previous and not found.next:
        return None
    return {
        "words": f"Recipients {found.rows[0].n} to {found.rows[-1].n}" if found.rows else "",
        "previous": url_of(shown.shelf, group, cursor=found.previous) if found.previous else "",
        "next": url_of(shown.shelf, group, cursor=found.next) if found.next else "",
    }

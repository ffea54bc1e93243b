"""The dashboard, and before the first campaign the first start."""

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from postroad.web.console.request import Request
from postroad.web.console.respond import live, page

from .links import links, run_links
from .stations import account_station, stations


@require_GET
def home(request: Request) -> HttpResponse:
    context = _context(request)
    if not context["home"].is_first_start:
        return page(request, "home/dashboard.html", context)
    to = context["links"]
    account = account_station(
        request.user.first_name or "Manager",
        to["account"],
        has_password=request.user.has_usable_password(),
    )
    road = stations(context["home"], account, to)
    return page(request, "home/first_start.html", context | {"stations": road})


@require_GET
def now(request: Request) -> HttpResponse:
    """All of the dashboard that moves by itself."""
    return live(request, "home/_now.html", _context(request))


@require_GET
def here(request: Request) -> HttpResponse:
    """What runs on this machine, of the first start."""
    return live(request, "home/_here.html", _context(request))


def _context(request: Request) -> dict[str, Any]:
    home = request.app.reads.home(request.app.clock.now())
    return {"home": home, "links": links(), "runs": run_links(home.run_ids)}

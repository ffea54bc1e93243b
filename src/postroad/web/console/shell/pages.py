"""Fragments of the shell itself."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from postroad.web.console.request import Request
from postroad.web.console.respond import live

from .nav import nav_context


@require_GET
def nav(request: Request) -> HttpResponse:
    return live(
        request, "shell/_nav_items.html", nav_context(request, at=request.GET.get("at", ""))
    )

"""Find or go to: the console's pages, and what bears the words in its name."""

from django.http import HttpResponse
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET

from postroad.web.console.request import Request
from postroad.web.console.respond import page
from postroad.web.console.shell.nav import items


@require_GET
def results(request: Request) -> HttpResponse:
    words = request.GET.get("q", "").strip()[:200]
    places = [(item, url) for item, url in items() if words.lower() in item.word.lower()]
    found = request.app.reads.find(words) if words else ()
    linked = [(thing, _url_of(thing.kind, thing.id)) for thing in found]
    context = {"words": words, "places": places, "found": [pair for pair in linked if pair[1]]}
    return page(request, "find/results.html", context)


def _url_of(kind: str, key: int) -> str:
    """`web:<kind>` is the page of one thing; '' where there is none yet."""
    for name in (f"web:{kind}", f"web:{kind}-detail", f"web:{kind}-edit"):
        try:
            return reverse(name, args=[key])
        except NoReverseMatch:
            continue
    return ""

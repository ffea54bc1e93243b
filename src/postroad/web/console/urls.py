"""The console's pages, a family a line. Names are `web:<family>-<verb or fragment>`."""

from django.urls import include, path

app_name = "web"

_FAMILIES = {
    "": "home",
    "campaigns/": "campaign",
    "runs/": "run",
    "runs/<int:run_id>/recipients/<int:n>/": "delivery",
    "audiences/": "audience",
    "sources/": "source",
    "content/": "content",
    "contacts/": "contact",
    "suppressions/": "suppression",
    "dead-letters/": "dead",
    "unknown/": "unknown",
    "journal/": "journal",
    "queues/": "queue",
    "workers/": "worker",
    "inbox/": "inbox",
    "relays/": "relay",
    "limits/": "limit",
    "settings/": "setting",
    "account/": "account",
    "find/": "find",
    "kit/": "kit",
    "_shell/": "shell",
}

urlpatterns = [
    path(prefix, include(f"postroad.web.console.{family}.urls"))
    for prefix, family in _FAMILIES.items()
]

"""Every page of the console, by family, with the data it is shown with."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from .town import Town


@dataclass(frozen=True, slots=True)
class Page:
    """`opens`: a link whose question opens as a dialog."""

    family: str
    name: str
    path: str
    opens: str = ""


_PATHS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "home": (("dashboard", "/"), ("find", "/find/?q=ann")),
    "contact": (
        ("contacts", "/contacts/"),
        ("contact", "/contacts/{contact}/"),
        ("contact-edit", "/contacts/{contact}/edit/"),
        ("paste", "/contacts/paste/"),
        ("import", "/contacts/import/"),
        ("suppressions", "/suppressions/"),
        ("suppress", "/suppressions/new/"),
    ),
    "audience": (
        ("audiences", "/audiences/"),
        ("audience", "/audiences/{audience}/"),
        ("audience-edit", "/audiences/{audience}/edit/"),
    ),
    "source": (
        ("sources", "/sources/"),
        ("source", "/sources/{source}/"),
        ("source-away", "/sources/{source}/map/"),
        ("source-tables", "/sources/{source}/tables/"),
        ("source-accounts", "/sources/{source}/accounts/"),
        ("source-edit", "/sources/{source}/edit/"),
        ("source-new", "/sources/new/"),
    ),
    "content": (
        ("contents", "/content/"),
        ("preview", "/content/{content}/"),
        ("preview-text", "/content/{content}/?part=text"),
        ("content-edit", "/content/{content}/edit/"),
        ("content-new", "/content/new/"),
    ),
    "campaign": (
        ("campaigns", "/campaigns/"),
        ("campaign", "/campaigns/{campaign}/"),
        ("campaign-blocked", "/campaigns/{draft}/"),
        ("campaign-edit", "/campaigns/{campaign}/edit/"),
        ("sending", "/campaigns/{campaign}/sending/"),
        ("single-mails", "/campaigns/{opened}/single-mails/"),
        ("single-mails-closed", "/campaigns/{draft}/single-mails/"),
    ),
    "run": (
        ("run-preparing", "/runs/{preparing}/"),
        ("report", "/runs/{ready}/report/"),
        ("greetings", "/runs/{ready}/greetings/"),
        ("mail", "/runs/{ready}/mails/2/"),
        ("omissions", "/runs/{ready}/omissions/"),
        ("run-scheduled", "/runs/{scheduled}/"),
        ("run-live", "/runs/{running}/"),
        ("run-finished", "/runs/{finished}/"),
        ("run-stopped", "/runs/{stopped}/"),
        ("run-pace", "/runs/{finished}/pace/"),
        ("recipients", "/runs/{running}/recipients/"),
        ("launch-page", "/runs/{ready}/launch/"),
        ("stop-page", "/runs/{running}/stop/"),
    ),
    "delivery": (
        ("person", "/runs/{finished}/recipients/60/"),
        ("person-unknown", "/runs/{looked_up}/recipients/5/"),
        ("person-accepted", "/runs/{finished}/recipients/2/"),
    ),
    "attention": (("dead-letters", "/dead-letters/"), ("unknown", "/unknown/")),
    "watch": (
        ("journal", "/journal/"),
        ("inbox", "/inbox/"),
        ("inbox-mail", "/inbox/3/"),
        ("queues", "/queues/"),
        ("purge-page", "/queues/dispatch/purge/"),
        ("workers", "/workers/"),
    ),
    "relay": (
        ("relays", "/relays/"),
        ("relay", "/relays/{relay}/"),
        ("relay-edit", "/relays/{relay}/edit/"),
        ("limits", "/limits/"),
        ("limit-lane", "/limits/lanes/google/"),
        ("limit-domain", "/limits/domain/"),
        ("relay-new", "/relays/new/?preset=gmail"),
        ("settings", "/settings/"),
        ("account", "/account/"),
        ("password", "/account/password/"),
    ),
    "public": (("unsubscribe", "/p/{unsubscribe}/unsubscribe"),),
    "trouble": (
        ("dashboard-trouble", "/"),
        ("relays-stopped", "/relays/"),
        ("relay-stopped", "/relays/{relay}/"),
        ("journal-alarms", "/journal/?kind=alarm"),
        ("journal-nothing", "/journal/?text=nobody%40nowhere.example"),
        ("workers-silent", "/workers/"),
    ),
}
_DIALOGS = (
    Page("run", "launch", "/runs/{ready}/report/", "#run-launch"),
    Page("run", "stop", "/runs/{running}/", "#run-stop"),
    Page("attention", "settle", "/unknown/", "tbody a[data-dialog]"),
    Page("watch", "purge", "/queues/", "#purge-dispatch"),
    Page("watch", "stop-everything", "/queues/", "#stop-everything"),
    Page("watch", "journal-entry", "/journal/", "tbody a[data-dialog]"),
    Page("watch", "drain", "/workers/", "tbody a[data-dialog]"),
    Page("trouble", "alarm-entry", "/journal/?kind=alarm", "tbody a[data-dialog]"),
)
FAMILIES = (*_PATHS, "start")


def pages_of(town: Town) -> list[Page]:
    plain = [Page(family, *named) for family, named_all in _PATHS.items() for named in named_all]
    return [
        Page(page.family, page.name, page.path.format_map(asdict(town)), page.opens)
        for page in [*plain, *_DIALOGS]
    ]

"""What goes wrong in the town: two relays out of use, alarms, and no worker."""

from postroad.app import App
from postroad.core.relay import RelayFields
from postroad.core.saved import Saved
from postroad.testing.runs import Hand

from .town import ACTOR, Town

_REFUSED = (
    "535 5.7.8 Error: authentication failed: the account mara@lindqvist.example was locked"
    " after too many attempts; open a ticket at https://support.frankfurt.example/tickets"
)
_SILENT = "Nobody answers at smtp.stockholm.example:465: connection timed out."
_OTHER_CLOCK = (
    "Journal rows lie outside every month: the clock of the database server is wrong. They are"
    " kept, and moved to their month when it is made."
)
_FOUND = "counters differ from the states: accepted 118 instead of 119, unknown 2 instead of 1"


def get_into_trouble(app: App, town: Town) -> None:
    fields = RelayFields("Stockholm", "smtp.stockholm.example", 465, "implicit", "mara")
    other = app.relays.create(fields, ACTOR)
    assert isinstance(other, Saved), other
    with Hand(app.dsn) as hand:
        hand.ask("SELECT stop_relay(%s, NULL, %s)", town.relay, _REFUSED)
        hand.ask("SELECT stop_relay(%s, now() + interval '4 minutes', %s)", other.id, _SILENT)
        hand.ask("SELECT raise_alarm('journal', 'rest', NULL, %s)", _OTHER_CLOCK)
        hand.ask("SELECT note_difference(%s, 'counts', %s)", town.finished, _FOUND)


def silence_workers(dsn: str) -> None:
    with Hand(dsn) as hand:
        hand.ask(
            "UPDATE worker SET alive_until = now() - interval '3 minutes',"
            " beat_at = now() - interval '4 minutes' WHERE ended_at IS NULL RETURNING id"
        )
        hand.ask(
            "INSERT INTO resting_slot VALUES ('studio', 'worker-2', now() - interval '1 hour',"
            " 'manager') RETURNING slot"
        )

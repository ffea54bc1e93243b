"""What a run left behind, compared with what the receiving server wrote down."""

from collections import Counter
from dataclasses import dataclass, field

import psycopg

from .rig import WINDOW, Rig

SETTLED = ("accepted", "unknown", "rejected", "dead", "failed", "skipped", "suppressed", "purged")


@dataclass(frozen=True)
class Account:
    """`bound`: what each worker killed or cut off may leave, and the replies lost on the way.

    That is a window, or with its ledger back the mails past their final dot.
    """

    lost: int
    twice: int
    unknown: int
    bound: int
    unaccounted: int
    mails: int = 0
    why: tuple[str, ...] = field(default=(), compare=False)
    """In words, what `unaccounted` counts."""

    def must_add_up(self) -> None:
        assert (self.lost, self.twice, self.unaccounted) == (0, 0, 0), f"{self}; {self.why}"
        assert self.unknown <= self.bound, str(self)

    def __add__(self, other: "Account") -> "Account":
        return Account(
            self.lost + other.lost,
            self.twice + other.twice,
            self.unknown + other.unknown,
            self.bound + other.bound,
            self.unaccounted + other.unaccounted,
            self.mails + other.mails,
            self.why + other.why,
        )

    def __str__(self) -> str:
        return (
            f"mails={self.mails} lost={self.lost} duplicated={self.twice} "
            f"unknown={self.unknown} bound={self.bound} unaccounted={self.unaccounted}"
        )


NOTHING = Account(0, 0, 0, 0, 0)


@dataclass(frozen=True)
class Books:
    """What the database says of a run at one moment."""

    recipients: int
    states: dict[str, str]
    """By Message-ID, in angle brackets."""
    unlisted: list[str]
    """Unknown, and in no list of what wants a look."""
    counters: int
    journaled: set[str]
    """Message-IDs with an acceptance in the journal."""
    alarms: list[str]


def account_of(rig: Rig, run: int, each: int = WINDOW) -> Account:
    """Compare the run's states with the relay's own files, delivery by delivery."""
    accepted = rig.relay.tally.accepted
    books = books_of(rig, run)
    why = unaccounted(books, accepted)
    return Account(
        # Told as accepted and unknown to the relay, or left behind unsent.
        lost=sum(
            (state == "accepted" and not accepted[mid]) or state not in SETTLED
            for mid, state in books.states.items()
        ),
        twice=sum(count > 1 for count in accepted.values()),
        unknown=sum(state == "unknown" for state in books.states.values()),
        bound=rig.killed * each + rig.relay.lost_replies,
        unaccounted=sum(why.values()),
        mails=books.recipients,
        why=tuple(f"{what}: {count}" for what, count in why.items()),
    )


def books_of(rig: Rig, run: int) -> Books:
    """Read in one transaction: late facts may still come in."""
    with psycopg.connect(rig.dsn) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        rows = connection.execute(
            "SELECT '<' || d.message_id || '>', s.state, a.n IS NOT NULL,"
            " d.n IN (SELECT n FROM journal WHERE run_id = d.run_id AND kind = 'accepted')"
            " FROM delivery d JOIN delivery_state s USING (run_id, n)"
            " LEFT JOIN attention a USING (run_id, n) WHERE d.run_id = %s",
            [run],
        ).fetchall()
        recipients, counters = connection.execute(
            "SELECT recipients, (SELECT sum(count)::integer FROM run_counts(run.id))"
            " FROM run WHERE id = %s",
            [run],
        ).fetchone() or (0, 0)
        alarms = connection.execute(
            # That a relay refused by policy is true of the relay, and no fault of the books.
            "SELECT text FROM journal WHERE run_id = %s AND kind = 'alarm'"
            " AND detail->>'alarm' IS DISTINCT FROM 'policy'",
            [run],
        ).fetchall()
    return Books(
        recipients,
        states={mid: state for mid, state, _listed, _told in rows},
        unlisted=[mid for mid, state, listed, _told in rows if state == "unknown" and not listed],
        counters=counters,
        journaled={mid for mid, _state, _listed, told in rows if told},
        alarms=[str(text) for (text,) in alarms],
    )


def unaccounted(books: Books, accepted: Counter[str]) -> Counter[str]:
    """What does not add up, by its name. The program looks at this itself: its alarms count."""
    told = {mid for mid, state in books.states.items() if state == "accepted"}
    known = {mid for mid, state in books.states.items() if state in ("accepted", "unknown")}
    return (
        Counter(
            {
                "at the relay, and neither accepted nor unknown": sum(
                    bool(accepted[mid]) for mid in books.states.keys() - known
                ),
                "at the relay, and nobody's": sum(mid not in books.states for mid in accepted),
                "recipients and counters differ": abs(books.recipients - books.counters),
                "recipients and states differ": abs(books.recipients - len(books.states)),
                "accepted, and not in the journal": len(told - books.journaled),
                "in the journal, and not accepted": len(books.journaled - told),
                "unknown, and in no list": len(books.unlisted),
                **dict.fromkeys(books.alarms, 1),
            }
        )
        - Counter()
    )

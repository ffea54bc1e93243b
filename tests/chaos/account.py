"""What a run left behind, compared with what the receiving server wrote down."""

from dataclasses import dataclass

import psycopg

from .rig import WINDOW, Rig

SETTLED = ("accepted", "unknown", "rejected", "dead", "failed", "skipped", "suppressed", "purged")


@dataclass(frozen=True)
class Account:
    """`bound`: what each worker killed or cut off may leave, and the replies lost on the way.

    That is a window, or with its ledger back the mails past their final dot: one a connection.
    """

    lost: int
    twice: int
    unknown: int
    bound: int
    unaccounted: int

    def must_add_up(self) -> None:
        assert (self.lost, self.twice, self.unaccounted) == (0, 0, 0), self
        assert self.unknown <= self.bound, self


def account_of(rig: Rig, run: int, each: int = WINDOW) -> Account:
    """Compare the run's states with the relay's own files, delivery by delivery."""
    tally = rig.relay.tally
    accepted = tally.accepted
    with psycopg.connect(rig.dsn) as connection:
        rows = connection.execute(
            "SELECT d.message_id, s.state, a.n IS NOT NULL FROM delivery d"
            " JOIN delivery_state s USING (run_id, n) LEFT JOIN attention a USING (run_id, n)"
            " WHERE d.run_id = %s", [run],
        ).fetchall()  # fmt: skip
        recipients, journaled, alarms = connection.execute(
            "SELECT recipients, (SELECT count(DISTINCT n) FROM journal"
            " WHERE run_id = run.id AND kind = 'accepted'), (SELECT count(*) FROM journal"
            " WHERE run_id = run.id AND kind = 'alarm') FROM run WHERE id = %s", [run],
        ).fetchone() or (0, 0, 0)  # fmt: skip
    states = {f"<{message_id}>": state for message_id, state, _listed in rows}
    told = sum(state == "accepted" for state in states.values())
    return Account(
        # Told as accepted and unknown to the relay, or left behind unsent.
        lost=sum(
            (state == "accepted" and not accepted[mid]) or state not in SETTLED
            for mid, state in states.items()
        ),
        twice=sum(count > 1 for count in accepted.values()),
        unknown=sum(state == "unknown" for state in states.values()),
        bound=rig.killed * each + tally.unsaid + rig.relay.cut,
        # At the relay, and neither accepted nor unknown here; or counters that differ;
        # or an acceptance that the journal does not have; or an unknown that is in no list;
        # or an alarm: the program looks at all of this itself while it is being killed.
        unaccounted=sum(
            bool(accepted[mid]) and state not in ("accepted", "unknown")
            for mid, state in states.items()
        )
        + abs(recipients - sum(rig.counts(run).values()))
        + abs(recipients - len(rows))
        + (told - journaled)
        + alarms
        + sum(mid not in states for mid in accepted)
        + sum(state == "unknown" and not listed for _mid, state, listed in rows),
    )

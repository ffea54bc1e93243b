"""Workers on two hosts share a run, and one host is cut off in the middle; FAULTS 8.

Counted at the relay, from its own file.
"""

from collections import Counter

import psycopg

from postroad.testing.fleet import Fleet

MAILS = 2000
WINDOW = 100


def under_way(fleet: Fleet) -> int:
    """A run in which both hosts have sent something."""
    run = fleet.ready(MAILS)
    fleet.launch(run)
    fleet.until(lambda: set(sent_by(fleet)) == {"mars", "venus"}, "both hosts send")
    return run


def sent_by(fleet: Fleet) -> Counter[str]:
    """Mails journaled as accepted, by the host that handed them in."""
    with psycopg.connect(fleet.dsn) as connection:
        rows = connection.execute(
            "SELECT w.host, count(*) FROM journal j"
            " JOIN worker w ON j.actor = 'worker ' || left(w.id::text, 8)"
            " WHERE j.kind = 'accepted' GROUP BY 1"
        ).fetchall()
    return Counter(dict(rows))


def is_silent(fleet: Fleet, host: str) -> bool:
    return bool(
        fleet.call("SELECT bool_and(alive_until < now()) FROM worker WHERE host = %s", host)[0]
    )


def rest(fleet: Fleet, run: int) -> dict[str, int]:
    """The states once nothing is owned by anybody."""
    fleet.until_state(run, "finished")
    owned = "SELECT count(*) FROM batch WHERE owner IS NOT NULL"
    fleet.until(lambda: fleet.call(owned)[0] == 0, "nothing is owned")
    return fleet.counts(run)


def must_add_up(fleet: Fleet, run: int, bound: int) -> None:
    accepted = fleet.tally.accepted
    with psycopg.connect(fleet.dsn) as connection:
        rows = connection.execute(
            "SELECT '<' || d.message_id || '>', s.state FROM delivery d"
            " JOIN delivery_state s USING (run_id, n) WHERE d.run_id = %s",
            [run],
        ).fetchall()
    states: dict[str, str] = dict(rows)
    assert len(states) == MAILS
    assert sum(fleet.counts(run).values()) == MAILS
    assert max(accepted.values()) == 1, "nobody got it twice"
    told = {mail for mail, state in states.items() if state == "accepted"}
    assert told <= set(accepted), "whatever is told as accepted is at the relay"
    for mail in set(accepted) - told:
        assert states[mail] == "unknown"
    assert sum(state == "unknown" for state in states.values()) <= bound


def test_two_hosts_share_a_run(fleet: Fleet) -> None:
    for host in ("mars", "venus"):
        fleet.start_on(host)
    run = under_way(fleet)
    assert rest(fleet, run) == {"accepted": MAILS}
    must_add_up(fleet, run, bound=0)
    assert min(sent_by(fleet).values()) >= MAILS // 10


def test_a_host_cut_off_from_everybody_leaves_a_window_at_most(fleet: Fleet) -> None:
    """It begins nothing more by itself, and what it had begun stays unknown."""
    for host in ("mars", "venus"):
        fleet.start_on(host)
    run = under_way(fleet)
    mars = fleet.network.hosts["mars"]
    mars.cut_off()
    counts = rest(fleet, run)
    assert is_silent(fleet, "mars")
    must_add_up(fleet, run, bound=WINDOW)
    assert counts["accepted"] + counts.get("unknown", 0) == MAILS
    mars.rejoin()
    fleet.until(lambda: not is_silent(fleet, "mars"), "mars beats again")
    must_add_up(fleet, run, bound=WINDOW)


def test_replies_of_a_host_cut_off_from_the_database_settle_its_unknowns(fleet: Fleet) -> None:
    """The relay is reached all the while: each reply is read, kept, and handed in late."""
    for host in ("mars", "venus"):
        fleet.start_on(host)
    run = under_way(fleet)
    mars = fleet.network.hosts["mars"]
    mars.cut_off(fleet.database_address)
    counts = rest(fleet, run)
    must_add_up(fleet, run, bound=WINDOW)
    assert counts.get("unknown", 0) > 0, "mars had begun some"
    mars.rejoin(fleet.database_address)
    fleet.until(lambda: fleet.counts(run) == {"accepted": MAILS}, "mars hands its replies in")
    must_add_up(fleet, run, bound=0)

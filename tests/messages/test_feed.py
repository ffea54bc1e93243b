"""The journal read by position: nothing is skipped, whatever order its transactions commit in."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import psycopg
import pytest

FEED = "test"


class Reader:
    """Publishes into a list, as one worker would."""

    def __init__(self, dsn: str, lease: float = 30) -> None:
        self.connection = psycopg.connect(dsn, autocommit=True)
        self.id: UUID = uuid4()
        self.lease = lease
        self.seen: list[str] = []

    def claim(self) -> tuple[int, int] | None:
        row = self.connection.execute(
            "SELECT * FROM claim_feed(%s, %s, %s)", [FEED, self.id, self.lease]
        ).fetchone()
        assert row is not None
        return None if row[0] is None else (row[0], row[1])

    def turn(self, limit: int = 1000) -> bool:
        """True: it had the turn."""
        claimed = self.claim()
        if claimed is None:
            return False
        after, upto = claimed
        rows = self.connection.execute(
            "SELECT position, text FROM read_feed(%s, %s, '{verify}', %s)", [after, upto, limit]
        ).fetchall()
        self.seen += [row[1] for row in rows]
        to = rows[-1][0] if len(rows) == limit else upto
        self.connection.execute("SELECT advance_feed(%s, %s, %s)", [FEED, self.id, to])
        return True


def write(connection: psycopg.Connection, text: str) -> None:
    connection.execute("SELECT journal_act('verify', 'manager', %s)", [text])


@pytest.fixture
def reader(dsn: str) -> Iterator[Reader]:
    reader = Reader(dsn)
    with reader.connection:
        reader.turn()
        yield reader


def test_what_commits_late_is_read_before_what_committed_early(dsn: str, reader: Reader) -> None:
    with psycopg.connect(dsn) as slow, psycopg.connect(dsn) as quick:
        write(slow, "first number, last commit")
        write(quick, "second number")
        quick.commit()
        reader.turn()
        reader.turn()
        assert reader.seen == []
        write(quick, "third number")
        quick.commit()
        reader.turn()
        slow.commit()
        reader.turn()
        reader.turn()
    assert reader.seen == ["first number, last commit", "second number", "third number"]


def test_a_number_that_is_rolled_back_keeps_nothing(dsn: str, reader: Reader) -> None:
    with psycopg.connect(dsn) as slow, psycopg.connect(dsn, autocommit=True) as quick:
        write(slow, "never")
        write(quick, "second")
        reader.turn()
        slow.rollback()
        reader.turn()
    assert reader.seen == ["second"]


def test_writers_that_never_rest_are_followed(dsn: str, reader: Reader) -> None:
    """At no moment is the journal without an open transaction, and still it is read on."""
    with psycopg.connect(dsn) as one, psycopg.connect(dsn) as other:
        write(one, "0")
        for number in range(1, 9, 2):
            write(other, str(number))
            one.commit()
            reader.turn()
            write(one, str(number + 1))
            other.commit()
            reader.turn()
        assert reader.seen == [str(number) for number in range(len(reader.seen))]
        assert len(reader.seen) >= 6
        one.commit()
    reader.turn()
    assert reader.seen == [str(number) for number in range(9)]


def test_a_page_that_is_full_goes_on_where_it_ended(dsn: str, reader: Reader) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for number in range(7):
            write(connection, str(number))
    for _ in range(3):
        reader.turn(limit=3)
    assert reader.seen == [str(number) for number in range(7)]


def test_one_has_the_turn_until_it_leaves_or_falls_silent(dsn: str, reader: Reader) -> None:
    other = Reader(dsn)
    with other.connection:
        assert reader.turn()
        assert not other.turn()
        reader.connection.execute("SELECT leave_feed(%s, %s)", [FEED, reader.id])
        other.lease = 0
        assert other.turn()
        assert reader.turn()
        other.lease = 30
        assert not other.turn()


def test_one_that_lost_the_turn_moves_nothing(dsn: str, reader: Reader) -> None:
    reader.lease = 0
    with psycopg.connect(dsn, autocommit=True) as connection:
        write(connection, "a")
    claimed = reader.claim()
    assert claimed is not None
    other = Reader(dsn)
    with other.connection:
        assert other.claim() == claimed
        moved = reader.connection.execute(
            "SELECT advance_feed(%s, %s, %s)", [FEED, reader.id, claimed[1]]
        ).fetchone()
        assert moved == (False,)
        other.turn()
    assert other.seen == ["a"]

"""The store on a migrated database of its own, and short ways to fill it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from postroad.core.address import Address, parse_address
from postroad.core.contact import Known, NewContact, complete_names

ACTOR = "manager"
ZONES = frozenset({"Europe/Vienna", "Pacific/Auckland", "UTC"})


def an_address(text: str) -> Address:
    parsed = parse_address(text)
    assert isinstance(parsed, Address), parsed
    return parsed


def a_person(text: str, name: str = "", **more: object) -> NewContact:
    names = complete_names(name)
    return NewContact(
        an_address(text),
        names.name,
        names.first_name,
        names.last_name,
        **more,  # type: ignore[arg-type]
    )


@pytest.fixture
def book(database: str, tmp_path: Path) -> Iterator[str]:
    """The store speaks to a fresh database; its DSN."""
    from postroad.settings import Settings
    from postroad.web.django_settings import configure

    configure(Settings(home=tmp_path), database)
    yield database
    from postroad.store.connection import close_connections

    close_connections()


@pytest.fixture
def rows(book: str) -> Callable[..., list[tuple[object, ...]]]:
    """What the database itself says, by another connection."""

    def ask(sql: str, *parameters: object) -> list[tuple[object, ...]]:
        with psycopg.connect(book, autocommit=True, connect_timeout=10) as connection:
            return connection.execute(sql, parameters or None).fetchall()

    return ask


@pytest.fixture
def fill(book: str) -> Callable[..., None]:
    """Enters people given as NewContact."""
    from postroad.store.writes import contact

    def enter(*people: NewContact, known: Known = Known.FILL) -> None:
        contact.put_contacts(people, known, (), ACTOR)

    return enter

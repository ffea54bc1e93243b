"""The composition root: settings in, everything that pages and commands use out.

Import it after `web.django_settings.configure`: it reaches the models.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from postroad.settings import Settings
from postroad.store.connection import close_connections
from postroad.store.reads import account as account_reads
from postroad.store.reads import find as find_reads
from postroad.store.reads import home as home_reads
from postroad.store.reads import shell as shell_reads
from postroad.store.secrets import Key, load_key
from postroad.store.writes import account as account_writes


class Clock:
    """The time, handed in so that tests can set it."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class Account:
    """Who signs in. Secrets of links are kept as hashes only."""

    has_password = staticmethod(account_reads.has_password)
    is_link_open = staticmethod(account_reads.is_link_open)
    make_link = staticmethod(account_writes.make_setup_link)
    use_link = staticmethod(account_writes.use_setup_link)
    rename = staticmethod(account_writes.rename_manager)
    set_password = staticmethod(account_writes.set_password)


class Reads:
    """What pages show, a page family a function."""

    home = staticmethod(home_reads.read_home)
    find = staticmethod(find_reads.find)
    nav = staticmethod(shell_reads.read_nav)


ACCOUNT: Final = Account()
READS: Final = Reads()


@dataclass(frozen=True, slots=True)
class App:
    """All that web, api and cli are handed."""

    settings: Settings
    dsn: str
    key: Key
    clock: Clock
    account: Account = ACCOUNT
    reads: Reads = READS

    def close(self) -> None:
        """Close this thread's database connection; needed before a fork."""
        close_connections()


def build_app(settings: Settings, dsn: str) -> App:
    return App(settings=settings, dsn=dsn, key=load_key(settings.key_file), clock=Clock())

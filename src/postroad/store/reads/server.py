"""What the database server says about itself."""

from dataclasses import dataclass
from datetime import datetime

from postroad.store.rows import row


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """`now` by its own clock at the moment of reading; `size` of our database in octets."""

    version: str
    now: datetime
    size: int


def server_facts() -> ServerFacts:
    return ServerFacts(**row("server_facts"))

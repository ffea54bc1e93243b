"""Where a session gets its mails from."""

from collections import deque
from collections.abc import Iterable
from typing import Protocol

from postroad.core.mail import Mail


class MailSource(Protocol):
    """`take` and `follow` never wait, so that pipelining delays no reply."""

    def take(self) -> Mail | None:
        """The next mail that may begin now; None when there is none just yet."""
        ...

    def follow(self) -> Mail | None:
        """A mail to begin behind another's final dot; None where that would only delay it."""
        ...

    def may_begin(self) -> bool:
        """Asked right before the first octet of content: whether it may still go out."""
        ...

    def about_to_dot(self, mail: Mail) -> bool:
        """Told right before the write that holds the final dot. False: it must not go out."""
        ...

    async def wait(self) -> bool:
        """Until `take` may give a mail; False: nothing more will come. May be cancelled."""
        ...


class FixedSource:
    """These mails and no more."""

    def __init__(self, mails: Iterable[Mail]) -> None:
        self._mails = deque(mails)

    def take(self) -> Mail | None:
        return self._mails.popleft() if self._mails else None

    follow = take

    def may_begin(self) -> bool:
        return True

    def about_to_dot(self, mail: Mail) -> bool:  # noqa: ARG002 - nobody wants to know.
        return True

    async def wait(self) -> bool:
        return bool(self._mails)

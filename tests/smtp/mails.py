"""Mails, and what became of them."""

from collections import Counter
from collections.abc import Iterable

from postroad.core.mail import Mail, RelayTarget
from postroad.core.outcome import Outcome, Verdict
from postroad.engine.smtp.opening import open_session
from postroad.engine.smtp.refusal import RelayRefusal
from postroad.engine.smtp.session import Session, SessionEnd
from postroad.engine.smtp.source import FixedSource
from postroad.engine.smtp.timeouts import Timeouts

QUICK = Timeouts.all_of(0.4)
PATIENT = Timeouts.all_of(10)


def a_mail(
    key: int = 1, *, recipient: str = "", sender: str = "me@example.com", body: bytes = b""
) -> Mail:
    head = f"Message-ID: <{key}@example.com>\r\nSubject: Mail {key}\r\n\r\n".encode()
    pieces = (head, body or b"Good morning.\r\n")
    return Mail(key, sender, recipient or f"person{key}@example.org", pieces, sum(map(len, pieces)))


def some_mails(count: int, first: int = 1, body: bytes = b"") -> list[Mail]:
    return [a_mail(key, body=body) for key in range(first, first + count)]


class Outcomes:
    """Collects reports; a second one for the same mail is an error."""

    def __init__(self) -> None:
        self.by_key: dict[int, Outcome] = {}

    def __call__(self, mail: Mail, outcome: Outcome) -> None:
        assert mail.key not in self.by_key, f"mail {mail.key} was reported twice"
        self.by_key[mail.key] = outcome

    def __getitem__(self, key: int) -> Outcome:
        return self.by_key[key]

    @property
    def verdicts(self) -> list[Verdict]:
        return [self.by_key[key].verdict for key in sorted(self.by_key)]

    @property
    def counts(self) -> Counter[Verdict]:
        return Counter(self.verdicts)


async def opened(relay: RelayTarget, timeouts: Timeouts = PATIENT) -> Session:
    session = await open_session(relay, timeouts)
    assert not isinstance(session, RelayRefusal), session.text
    return session


async def refusal_of(relay: RelayTarget, timeouts: Timeouts = QUICK) -> RelayRefusal:
    refusal = await open_session(relay, timeouts)
    assert isinstance(refusal, RelayRefusal), "a session was opened"
    return refusal


async def sent(
    relay: RelayTarget, mails: Iterable[Mail], timeouts: Timeouts = PATIENT
) -> tuple[Outcomes, SessionEnd]:
    """The mails over one session."""
    outcomes = Outcomes()
    session = await opened(relay, timeouts)
    return outcomes, await session.run(FixedSource(mails), outcomes)

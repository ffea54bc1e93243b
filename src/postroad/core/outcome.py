"""What one SMTP try of one mail came to.

The session reports in these terms; `classify` turns a reply into a fact.
"""

from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    """Where in the dialogue something happened (RFC 5321)."""

    CONNECT = "connect"
    BANNER = "banner"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    DOT = "dot"


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's reply. `enhanced` as in RFC 3463, '' when there is none."""

    code: int
    enhanced: str
    text: str


class Verdict(StrEnum):
    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    REJECTED = "rejected"
    """Permanent, about this recipient."""
    DEAD = "dead"
    """Permanent, about this message; can be mended and requeued."""
    UNKNOWN = "unknown"
    """The final dot may have been sent and no reply is known."""
    NOT_BEGUN = "not_begun"
    """No octet of the content went out, and not for the recipient's sake."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`dialogue`: the server's replies of this try, 'phase code text' a line.

    `about_account`: the refusal concerns the account or the relay, not this
    mail; the relay is stopped and the mail goes back unbegun or deferred.

    `once_another_passes`: a refusal that may be the account's too, told as deferred.
    It is this as soon as the relay takes another mail.
    """

    verdict: Verdict
    phase: Phase
    reply: Reply | None
    text: str
    dialogue: str
    about_account: bool = False
    slow_down: bool = False
    once_another_passes: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a refusal says, and about whom; the fields are those of `Outcome`."""

    verdict: Verdict
    about_account: bool = False
    slow_down: bool = False


_ACCOUNT_CODES = frozenset({530, 534, 535, 538})
_OUR_SYNTAX_CODES = frozenset({500, 502, 503, 504, 555})


def classify(phase: Phase, reply: Reply) -> Judgement:
    """What a reply to a command of one mail's transaction means for that mail.

    For replies that end the try: the refusals of MAIL, RCPT and DATA, and
    any reply to the final dot. A reply to the dot that is neither 250 nor a
    refusal leaves the mail unknown. RFC 5321, 4.2 and RFC 3463.
    """
    match reply.code // 100:
        case 4:
            return Judgement(Verdict.DEFERRED, slow_down=asks_to_slow_down(reply))
        case 5 if _is_about_account(phase, reply):
            return Judgement(Verdict.DEFERRED, about_account=True)
        case 5 if _is_about_message(phase, reply):
            return Judgement(Verdict.DEAD)
        case 5:
            return Judgement(Verdict.REJECTED)
        case _ if phase is not Phase.DOT:
            return Judgement(Verdict.NOT_BEGUN)
        case _:
            return Judgement(Verdict.ACCEPTED if reply.code == 250 else Verdict.UNKNOWN)


def asks_to_slow_down(reply: Reply) -> bool:
    """421, or a temporary refusal for policy (4.7.x): the host wants fewer mails."""
    return reply.code == 421 or reply.enhanced.startswith("4.7.")


def _is_about_account(phase: Phase, reply: Reply) -> bool:
    """Refusals that would meet every mail of this account alike."""
    if reply.code in _ACCOUNT_CODES or phase is Phase.AUTH:
        return True
    return phase is Phase.MAIL and reply.enhanced.startswith("5.7.")


def _is_about_message(phase: Phase, reply: Reply) -> bool:
    """Refusals that another recipient of the same message would meet too."""
    if reply.enhanced in ("5.3.4", "5.2.3") or reply.enhanced.startswith("5.6."):
        return True
    if phase is Phase.MAIL:
        return True
    if reply.code in _OUR_SYNTAX_CODES:
        return True
    if phase is Phase.RCPT:
        return False
    return not reply.enhanced.startswith(("5.1.", "5.2.", "5.4.", "5.7."))

"""Notices that a relay refuses everybody alike, whatever its words are about."""

from dataclasses import replace

from postroad.core.outcome import Outcome, Phase, Reply, Verdict

ALIKE = 3
"""So many different mails in a row with the same refusal mean the account."""

_ABOUT_ONE_MAIL = ("5.1.", "5.2.", "5.3.4", "5.6.")
_ABOUT_ONE_MAIL_CODES = frozenset({501, 552, 555})


class Streak:
    """Of refusals with the same codes, no mail having passed between them."""

    def __init__(self) -> None:
        self._refusal: tuple[Phase, int, str] | None = None
        self._recipients: set[str] = set()

    def judge(self, recipient: str, outcome: Outcome) -> Outcome:
        """What to tell of it: a refusal that may meet all is a deferral until another passes.

        From the third recipient on that is refused alike it is the account's.
        """
        if outcome.verdict is Verdict.ACCEPTED:
            self._recipients.clear()
        reply = outcome.reply
        if reply is None or not _may_meet_all(outcome, reply):
            return outcome
        refusal = (outcome.phase, reply.code, reply.enhanced)
        if refusal != self._refusal:
            self._refusal = refusal
            self._recipients.clear()
        self._recipients.add(recipient)
        if len(self._recipients) >= ALIKE:
            return replace(outcome, verdict=Verdict.DEFERRED, about_account=True)
        return replace(outcome, verdict=Verdict.DEFERRED, once_another_passes=outcome.verdict)


def _may_meet_all(outcome: Outcome, reply: Reply) -> bool:
    """A permanent refusal that is not plainly about its recipient or its message."""
    if outcome.verdict not in (Verdict.REJECTED, Verdict.DEAD):
        return False
    if reply.code in _ABOUT_ONE_MAIL_CODES or reply.enhanced.startswith(_ABOUT_ONE_MAIL):
        return False
    return bool(reply.enhanced) or outcome.phase is not Phase.RCPT

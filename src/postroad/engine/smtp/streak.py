"""Notices that a relay refuses everybody alike, whatever its words are about."""

from postroad.core.outcome import Outcome, Phase, Reply, Verdict

ALIKE = 3
"""So many different mails in a row with the same refusal mean the account."""

_ABOUT_ONE_MAIL = ("5.1.", "5.2.", "5.3.4", "5.6.")
_ABOUT_ONE_MAIL_CODES = frozenset({501, 552, 555})


class Streak:
    """Of refusals with the same codes, no mail having passed between them."""

    def __init__(self) -> None:
        self._refusal: tuple[Phase, int, str] | None = None
        self._keys: set[int] = set()

    def is_everybody(self, key: int, outcome: Outcome) -> bool:
        """True from the third mail on that is refused like those before it."""
        if outcome.verdict is Verdict.ACCEPTED:
            self._keys.clear()
        reply = outcome.reply
        if reply is None or not _may_meet_all(outcome, reply):
            return False
        refusal = (outcome.phase, reply.code, reply.enhanced)
        if refusal != self._refusal:
            self._refusal = refusal
            self._keys.clear()
        self._keys.add(key)
        return len(self._keys) >= ALIKE


def _may_meet_all(outcome: Outcome, reply: Reply) -> bool:
    """A permanent refusal that is not plainly about its recipient or its message."""
    if outcome.verdict not in (Verdict.REJECTED, Verdict.DEAD):
        return False
    if reply.code in _ABOUT_ONE_MAIL_CODES or reply.enhanced.startswith(_ABOUT_ONE_MAIL):
        return False
    return bool(reply.enhanced) or outcome.phase is not Phase.RCPT

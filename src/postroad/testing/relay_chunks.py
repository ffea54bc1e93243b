"""The fake relay's side of CHUNKING (RFC 3030), for a script that announces it."""

import time
from collections.abc import Callable

from postroad.core.outcome import Phase
from postroad.testing.relay_log import Event
from postroad.testing.relay_protocol import Ground, Mode, RelayProtocol
from postroad.testing.relay_script import Act, Rule

_ENDS_A_SESSION = (Act.DROP, Act.SILENCE, Act.GARBAGE)
_WITHIN = (Phase.MAIL, Phase.RCPT, Phase.DOT)


class ChunkingRelayProtocol(RelayProtocol):
    """Content by length; the faults of a mail's dot play at its last chunk."""

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        self._missing = 0
        """Octets of the chunk that are still to come."""
        self._is_last = False
        self._is_chunk = False
        self._content_so_far = bytearray()

    def _command(self, line: str) -> None:
        words = line.upper().split()
        if words[:1] != ["BDAT"] or "CHUNKING" not in self._ground.script.announce:
            super()._command(line)
            return
        self._missing, self._is_last = int(words[1]), words[2:] == ["LAST"]
        self._is_chunk = True
        self._mode = Mode.CONTENT

    def _take_content(self) -> bool:
        if not self._is_chunk:
            return super()._take_content()
        taken = self._buffer[: self._missing]
        del self._buffer[: self._missing]
        self._content_so_far += taken
        self._missing -= len(taken)
        if self._missing:
            return False
        self._mode, self._is_chunk = Mode.COMMAND, False
        self._chunk_ended()
        return True

    def _chunk_ended(self) -> None:
        """A chunk without a recipient is read and refused."""
        content = bytes(self._content_so_far)
        if not self._has_recipient:
            self._content_so_far.clear()
            self._say("503 5.5.1 No valid recipients")
        elif self._is_last:
            self._content_so_far.clear()
            self._whole(content)
        else:
            self._say("250 2.0.0 Ok")

    def _act(self, rule: Rule | None, good: str, then: Callable[[], None]) -> None:
        if (
            rule is not None
            and rule.act in _ENDS_A_SESSION
            and rule.phase in _WITHIN
            and "CHUNKING" in self._ground.script.announce
        ):
            self._ground.log.write(
                Event("broken", time.time(), self._connection, self._transaction)
            )
        super()._act(rule, good, then)

"""The ledgers of one home: this worker's own, and those that dead ones left."""

from pathlib import Path
from uuid import UUID

from postroad.engine.ledger.handing_in import hand_in_dead
from postroad.engine.ledger.writing import FileLedger, Ledger, NoLedger
from postroad.engine.protocol import Protocol


class LedgerKeeper:
    def __init__(self, directory: Path | None, protocol: Protocol) -> None:
        self.ledger: Ledger = NoLedger()
        self._directory = directory
        self._protocol = protocol
        self._told = ""
        """The trouble that was told last."""

    async def open(self) -> bool:
        """Begin this worker's own, where ledgers are kept."""
        if self._directory is not None:
            here = await self._protocol.value("SELECT id FROM installation")
            self.ledger = FileLedger(self._directory, self._protocol.worker, UUID(str(here)))
        return True

    async def turn(self) -> bool:
        """Hand in what dead workers left; tell of trouble with our own, and of its end."""
        if self._directory is None:
            return False
        await self._tell()
        return await hand_in_dead(self._directory, self._protocol) > 0

    async def _tell(self) -> None:
        trouble, worker = self.ledger.trouble, str(self._protocol.worker)
        if trouble and not self._told:
            text = f"A worker keeps no ledger ({trouble}): free some space. Mails go out without."
            await self._protocol.value("SELECT raise_alarm('ledger', %s, NULL, %s)", worker, text)
        elif self._told and not trouble:
            await self._protocol.value("SELECT clear_alarm('ledger', %s)", worker)
        self._told = trouble

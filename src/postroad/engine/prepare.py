"""The second stage: every mail of a batch rendered once, its bytes kept (P2).

Rendering happens outside any transaction; what came of it is committed in one.
"""

import asyncio
from collections.abc import Sequence

import structlog
import zstandard

from postroad.core.ids import RevisionId
from postroad.core.lifecycle import FactKind
from postroad.core.mail import (
    Failed,
    Preparation,
    Prepared,
    Preparer,
    Recipient,
    RevisionLoader,
    Sender,
    Skipped,
)
from postroad.core.public_token import write_token
from postroad.engine.facts import FactRow
from postroad.engine.isolation import prepare_apart
from postroad.engine.protocol import (
    ALL,
    Claim,
    ClaimedBatch,
    LoadedRecipient,
    PreparedBatch,
    Protocol,
)

_log = structlog.get_logger()
MOST_CLAIMS = 5
"""A batch that was claimed more often without an end is prepared apart, mail by mail."""
SOURCE_DOWN_SECONDS = 30


class RevisionCache:
    """The last compiled revisions; one never changes, so none goes stale."""

    def __init__(self, load: RevisionLoader, size: int = 8) -> None:
        self._load = load
        self._size = size
        self._kept: dict[RevisionId, Preparer] = {}

    async def get(self, revision: RevisionId) -> Preparer:
        if revision not in self._kept:
            loaded = await asyncio.to_thread(self._load, revision)
            while len(self._kept) >= self._size:
                self._kept.pop(next(iter(self._kept)))
            self._kept[revision] = loaded
        return self._kept[revision]


async def prepare_one(protocol: Protocol, revisions: RevisionCache, claim: Claim) -> bool:
    """Prepare one due batch, if `claim` comes by one."""
    batch = await claim("prepare", ALL)
    if batch is None:
        return False
    try:
        preparer = await revisions.get(batch.revision_id)
    except OSError as error:
        _log.warning("source_down", run=batch.run_id, batch=batch.id, cause=str(error))
        await protocol.give_back(batch, SOURCE_DOWN_SECONDS)
        return True
    loaded = await protocol.load_recipients(batch)
    results = await asyncio.to_thread(_render, preparer, batch, _recipients(batch, loaded))
    kept = await protocol.finish_prepare(batch, pack(batch, loaded, results))
    _log.debug("prepared", run=batch.run_id, batch=batch.id, mails=len(results), kept=kept)
    return True


def _recipients(batch: ClaimedBatch, loaded: Sequence[LoadedRecipient]) -> list[Recipient]:
    return [
        Recipient(
            n=each.n,
            address=each.address,
            name=each.name,
            data=each.data,
            message_id=each.message_id,
            unsubscribe_url="" if batch.is_personal else _unsubscribe_url(batch, each),
        )
        for each in loaded
    ]


def _unsubscribe_url(batch: ClaimedBatch, recipient: LoadedRecipient) -> str:
    token = write_token(batch.run_id, recipient.n, recipient.token)
    return f"{batch.public_url.rstrip('/')}/p/{token}/unsubscribe"


def _render(
    preparer: Preparer, batch: ClaimedBatch, recipients: Sequence[Recipient]
) -> list[Preparation]:
    sender = Sender(batch.sender_name, batch.sender_address, batch.reply_to, batch.postal_address)
    if batch.claim > MOST_CLAIMS:
        return [prepare_apart(preparer, sender, recipient) for recipient in recipients]
    return preparer.prepare(sender, recipients)


def pack(
    batch: ClaimedBatch, loaded: Sequence[LoadedRecipient], results: Sequence[Preparation]
) -> PreparedBatch:
    """One zstd frame of all heads, and where in it each item of the batch lies."""
    slots = max((each.index for each in loaded), default=-1) + 1
    offsets, lengths, sizes = [-1] * slots, [0] * slots, [0] * slots
    sha256s: list[bytes | None] = [None] * slots
    heads: list[bytes] = []
    failures: list[FactRow] = []
    offset = 0
    for each, result in zip(loaded, results, strict=True):
        match result:
            case Prepared():
                offsets[each.index], lengths[each.index] = offset, len(result.head)
                sizes[each.index], sha256s[each.index] = result.size, result.sha256
                heads.append(result.head)
                offset += len(result.head)
            case Failed() | Skipped():
                failures.append(_failure(batch, result))
    body = zstandard.ZstdCompressor(level=1).compress(b"".join(heads))
    return PreparedBatch(body, offsets, lengths, sizes, sha256s, failures)


def _failure(batch: ClaimedBatch, result: Failed | Skipped) -> FactRow:
    kind = FactKind.FAILED if isinstance(result, Failed) else FactKind.SKIPPED
    return FactRow(
        n=result.n, attempt=0, kind=kind, text=result.text, cause=result.cause, lane=batch.lane
    )

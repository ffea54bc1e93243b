"""A reference as it stands in a message: JSON of at most 1 KB."""

import msgspec

from postroad.core.ids import BatchId, RunId
from postroad.engine.doorbell.port import STAGES, Reference, Unreadable

VERSION = 1
MOST_OCTETS = 1024
_SHOWN_OCTETS = 200


class _Version(msgspec.Struct):
    """All that is asked of a message first: what else it has depends on it."""

    v: int


class _Wire(msgspec.Struct, forbid_unknown_fields=True):
    v: int
    run: int
    epoch: int
    batch: int
    stage: str


def write_reference(reference: Reference) -> bytes:
    return msgspec.json.encode(
        _Wire(reference.v, reference.run, reference.epoch, reference.batch, reference.stage)
    )


def read_reference(body: bytes, stage: str) -> Reference | Unreadable:
    """Unreadable: of another version, another stage, or no reference at all (FAULTS 17, 24)."""
    try:
        return _read(body, stage)
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        return _aside(f"it cannot be decoded ({str(fault)!a})", body)


def _read(body: bytes, stage: str) -> Reference | Unreadable:
    if len(body) > MOST_OCTETS:
        return _aside(f"it has {len(body)} octets, more than {MOST_OCTETS}", body)
    version = msgspec.json.decode(body, type=_Version).v
    if version != VERSION:
        return _aside(f"it is of version {version}, and version {VERSION} is understood", body)
    wire = msgspec.json.decode(body, type=_Wire)
    if wire.stage != stage or wire.stage not in STAGES:
        return _aside(f"it is no reference to a batch at {stage}", body)
    if not (0 <= wire.run < 2**63 and 0 <= wire.batch < 2**63 and 0 <= wire.epoch < 2**31):
        return _aside("its numbers are none of a batch", body)
    return Reference(RunId(wire.run), wire.epoch, BatchId(wire.batch), wire.stage, wire.v)


def headers_of(reference: Reference | Unreadable, queue: str) -> dict[str, str]:
    """Of what is put aside: why, and from where."""
    reason = reference.reason if isinstance(reference, Unreadable) else "It was put aside."
    return {"x-reason": reason, "x-from": queue}


def _aside(reason: str, body: bytes) -> Unreadable:
    return Unreadable(f"A reference was put aside: {reason}. It was {body[:_SHOWN_OCTETS]!r}.")

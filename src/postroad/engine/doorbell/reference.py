"""A reference as it stands in a message: JSON of at most 1 KB."""

import msgspec

from postroad.core.ids import BatchId, RunId
from postroad.engine.doorbell.port import STAGES, Reference

VERSION = 1
MOST_OCTETS = 1024


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


def read_reference(body: bytes, stage: str) -> Reference | None:
    """None: of another version, another stage, or no reference at all (FAULTS 17, 24)."""
    if len(body) > MOST_OCTETS:
        return None
    try:
        wire = msgspec.json.decode(body, type=_Wire)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if wire.v != VERSION or wire.stage != stage or wire.stage not in STAGES:
        return None
    if max(wire.run, wire.batch) >= 2**63 or wire.epoch >= 2**31 or min(wire.run, wire.batch) < 0:
        return None
    return Reference(RunId(wire.run), wire.epoch, BatchId(wire.batch), wire.stage, wire.v)

"""The suppression list: addresses put on it and taken off it again."""

from collections.abc import Iterable

from django.db import connection, transaction

from postroad.core.address import Address
from postroad.core.suppression import SCOPE_ALL, Reason, SuppressCounts

from .journal import journal_act


def suppress_addresses(
    addresses: Iterable[Address], reason: Reason, note: str, actor: str
) -> SuppressCounts:
    """From the commit on nothing more is begun to them; asked twice is done once."""
    once: dict[bytes, Address] = {}
    for address in addresses:
        once.setdefault(address.hash, address)
    added = known = 0
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        # In one order, so that two lists at once cannot wait for each other.
        for address_hash in sorted(once):
            cursor.execute(
                "SELECT suppress_address(%s, %s, %s, %s, %s)",
                [address_hash, once[address_hash].address, reason, SCOPE_ALL, note],
            )
            is_new = bool(cursor.fetchone()[0])
            added += is_new
            known += not is_new
        if added:
            text = f"{added:,} addresses suppressed: {reason.words}."
            journal_act("addresses_suppressed", actor, text, detail={"note": note})
    return SuppressCounts(added, known)


def release_address(address_hash: bytes, actor: str) -> bool:
    """May be written to again; False when it was not suppressed."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SELECT release_address(%s)", [address_hash])
        was_suppressed = bool(cursor.fetchone()[0])
        if was_suppressed:
            detail = {"hash": address_hash.hex()}
            journal_act(
                "address_released", actor, "An address may be written to again.", None, detail
            )
    return was_suppressed

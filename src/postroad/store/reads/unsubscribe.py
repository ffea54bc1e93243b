"""The mail that a public address names."""

from dataclasses import dataclass, field

from postroad.core.ids import DeliveryNumber, RunId
from postroad.store.rows import rows


@dataclass(frozen=True, slots=True)
class NamedMail:
    """`secret` is what the address must hold to be genuine (16 octets)."""

    run_id: RunId
    n: DeliveryNumber
    secret: bytes = field(repr=False)
    address: str
    sender_name: str
    sender_address: str
    is_unsubscribed: bool


def named_mail(run_id: RunId, n: DeliveryNumber) -> NamedMail | None:
    found = rows("named_mail", {"run_id": run_id, "n": n})
    if not found:
        return None
    return NamedMail(**(found[0] | {"secret": bytes(found[0]["secret"])}))

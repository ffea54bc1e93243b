"""A relay put back into use by a person."""

from django.db import connection, transaction

from postroad.core.ids import RelayId


def start_relay(relay_id: RelayId, actor: str) -> bool:
    """Its waiting batches are due at once; False when it was in use already. Journaled in SQL."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SELECT start_relay(%s, %s)", [relay_id, actor])
        return bool(cursor.fetchone()[0])

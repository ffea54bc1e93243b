"""A recipient's own wish."""

from django.db import connection, transaction

from postroad.core.ids import DeliveryNumber, RunId


def unsubscribe_recipient(run_id: RunId, n: DeliveryNumber) -> bool:
    """Suppressed from the commit on, journaled against the mail; False when it was so before."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SELECT unsubscribe_recipient(%s, %s)", [run_id, n])
        return bool(cursor.fetchone()[0])

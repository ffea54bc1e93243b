"""Limits of relays, lanes and campaigns, written into the engine's buckets."""

from django.db import connection

from postroad.core.limit import LimitKind, Limits


def put_limits(kind: LimitKind, key: str, limits: Limits) -> None:
    """From now on, for runs under way too. Call it inside the transaction of the act."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_bucket(%s, %s, %s, %s, %s, %s, %s)",
            [
                str(kind),
                key,
                limits.per_minute,
                limits.per_day,
                limits.at_once,
                limits.ramp_first,
                limits.ramp_percent,
            ],
        )

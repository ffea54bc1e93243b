"""Limits of relays, lanes and campaigns, written into the engine's buckets."""

from dataclasses import asdict

from django.db import connection, transaction

from postroad.core.limit import LimitKind, Limits
from postroad.core.saved import Gone, Refused, Saved, Unchanged
from postroad.store.reads.limit import is_lane, lane_of, limits_of

from .journal import journal_act

GONE = Gone("There is no lane of that name: go back to the list.")


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


def set_lane_limits(lane: str, limits: Limits, actor: str) -> Saved[str] | Unchanged[str] | Gone:
    """They hold at once, for runs under way too."""
    with transaction.atomic(durable=True):
        if not is_lane(lane):
            return GONE
        if limits_of(LimitKind.LANE, lane) == limits:
            return Unchanged(lane)
        _put_lane(lane, limits, actor)
    return Saved(lane)


def limit_domain(domain: str, limits: Limits, actor: str) -> Saved[str] | Refused:
    """Of the lane `other`, into a lane named like it. One with a lane keeps that."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT promote_domain(%s, %s, %s)", [domain, actor, "It was given a limit."]
            )
            is_new = bool(cursor.fetchone()[0])
        if not is_new:
            text = f"{domain} is in the lane {lane_of(domain)}: set the limits of that lane."
            return Refused({"domain": text})
        _put_lane(domain, limits, actor)
    return Saved(domain)


def _put_lane(lane: str, limits: Limits, actor: str) -> None:
    put_limits(LimitKind.LANE, lane, limits)
    detail = {"lane": lane} | asdict(limits)
    journal_act("limits_changed", actor, f"Limits of the lane {lane!r} changed.", detail=detail)

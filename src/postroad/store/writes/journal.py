"""The acts of the manager, written down in the transaction that does them."""

import json
from collections.abc import Mapping

from django.db import connection

from postroad.core.ids import CampaignId, RunId


def journal_act(
    kind: str,
    actor: str,
    text: str,
    run_id: RunId | None = None,
    detail: Mapping[str, object] | None = None,
) -> None:
    """One journal row. Call it inside the transaction of the act."""
    kept = None if detail is None else json.dumps(detail)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT journal_act(%s, %s, %s, %s, %s::jsonb)", [kind, actor, text, run_id, kept]
        )


def abandon_verified_runs(campaign_ids: list[CampaignId], actor: str, reason: str) -> int:
    """Stops the runs of these campaigns that wait for launch; how many there were."""
    abandoned = 0
    with connection.cursor() as cursor:
        for campaign_id in campaign_ids:
            cursor.execute("SELECT abandon_verified_run(%s, %s, %s)", [campaign_id, actor, reason])
            row = cursor.fetchone()
            abandoned += bool(row and row[0])
    return abandoned

"""Runs: made by Verify, launched, undone, paused, resumed, stopped."""

import json
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Final

from django.db import transaction

from postroad.core.campaign import PERSONAL_LIMIT, ChecklistFacts
from postroad.core.ids import AudienceVersionId, CampaignId, RelayId, RunId
from postroad.core.launching import (
    Moment,
    RetryTiming,
    can_pause,
    can_resume,
    can_stop,
    is_launched,
    refusal,
    to_send,
)
from postroad.core.lifecycle import DeliveryState, RunState
from postroad.core.running import (
    ActOutcome,
    AlreadySo,
    Changed,
    Done,
    Launched,
    LaunchOutcome,
    NotPossible,
    Pins,
    StopOutcome,
    Stopped,
    VerifyStarted,
)
from postroad.core.saved import Gone
from postroad.core.sending import RelayShare
from postroad.store.models import Campaign
from postroad.store.reads import audience as audience_reads
from postroad.store.reads import run as run_reads
from postroad.store.reads.campaign import fields_of
from postroad.store.rows import row, rows

from .campaign import activate_campaign

GONE = Gone("This run is not there any more: go back to the campaign.")
CAMPAIGN_GONE = Gone("This campaign is not there any more: go back to the list.")
CHANGED = Changed("The campaign was edited a moment ago: look at it and press Verify again.")


def read_pins(campaign_id: CampaignId) -> Pins | None:
    """What Verify would pin now; ids are 0 and texts '' where nothing is chosen.

    A campaign without a relay goes through the default one.
    """
    found = rows("verify_pins", {"campaign": campaign_id})
    if not found:
        return None
    relays = json.loads(found[0].pop("relays"))  # Django leaves jsonb to its model fields.
    return Pins(**found[0], relays=tuple(RelayShare(**share) for share in relays))


def read_facts(campaign_id: CampaignId, pins: Pins, public_url: str) -> ChecklistFacts | None:
    """What the checklist judges. Executes the audience's routine to count: seconds at a million."""
    campaign = Campaign.objects.filter(id=campaign_id).first()
    if campaign is None:
        return None
    relay_id = RelayId(pins.relay_id) if pins.relay_id else None
    relay = row("relay_nature", {"relay": pins.relay_id})
    counted = audience_reads.count(AudienceVersionId(pins.audience_version_id))
    return ChecklistFacts(
        fields=replace(fields_of(campaign), relay_id=relay_id),
        people=None if counted is None else counted.mailable,
        has_revision=pins.revision_id > 0,
        is_sandbox=bool(relay["is_sandbox"]),
        public_url=public_url,
        chosen=None if counted is None else counted.people,
        suppressed=None if counted is None else counted.suppressed,
        has_lookup=bool(relay["has_lookup"]),
    )


def make_run(
    pins: Pins, timing: RetryTiming, public_url: str, actor: str
) -> VerifyStarted | Changed | Gone:
    """The run of exactly these pins, or the one that waits for launch already.

    Locks campaign, content and audience, so that an edit comes before, and is
    seen here, or after, and abandons the run.
    """
    policy: dict[str, object] = {
        "public_url": public_url,
        "max_recipients": PERSONAL_LIMIT if pins.is_personal else None,
        "backoff_seconds": list(timing.backoff_seconds),
        "give_up_seconds": timing.give_up_seconds,
    }
    kept = asdict(pins)
    if not pins.relays:
        del kept["relays"]  # make_run takes relay_id alone then.
    with transaction.atomic(durable=True):
        if not rows("verify_lock", {"campaign": pins.campaign_id}):
            return CAMPAIGN_GONE
        if read_pins(CampaignId(pins.campaign_id)) != pins:
            return CHANGED
        made = row("make_run", {"pins": json.dumps(kept | policy), "actor": actor})
    return VerifyStarted(RunId(made["run_id"]), made["is_new"])


def launch(
    run_id: RunId,
    at: Moment | None,
    zone: str,
    typed: int | None,
    undo_seconds: float,
    actor: str,
) -> LaunchOutcome:
    """Decides with the run locked, so that of two launches pressed at once one wins.

    `at` None: at once, that is after `undo_seconds`. The campaign becomes active.
    """
    with transaction.atomic(durable=True):
        locked = rows("run_lock", {"run": run_id})
        if not locked:
            return GONE
        state, now = RunState(locked[0]["state"]), locked[0]["now"]
        counts = run_reads.counts(run_id)
        refused = refusal(state, counts, typed, at.at if at else None, now)
        if refused is not None:
            return refused
        activate_campaign(CampaignId(locked[0]["campaign_id"]))
        launched = row(
            "launch_run",
            {
                "run": run_id,
                "at": at.at if at else None,
                "undo": undo_seconds,
                "zone": zone,
                "actor": actor,
            },
        )
    return Launched(
        release_at=at.at if at else now + timedelta(seconds=undo_seconds),
        mails=to_send(counts),
        is_released=launched["state_after"] == RunState.RUNNING,
        note=at.note if at else "",
    )


def undo_launch(run_id: RunId, actor: str) -> ActOutcome:
    """Ready again. In time it has sent nothing: the row's lock lets undo or release win."""
    with transaction.atomic(durable=True):
        was = _lock(run_id)
        if was is None:
            return GONE
        if was is RunState.READY:
            return AlreadySo(was)
        if not row("undo_launch", {"run": run_id, "actor": actor})["is_undone"]:
            text = f"The run is {was} and cannot be undone: pause it, or stop and purge it."
            return NotPossible(was, text)
    return Done(RunState.READY)


def pause_run(run_id: RunId, actor: str) -> ActOutcome:
    with transaction.atomic(durable=True):
        was = _lock(run_id)
        if was is None:
            return GONE
        if was is RunState.PAUSED:
            return AlreadySo(was)
        if not can_pause(was):
            return NotPossible(was, f"The run is {was}: only a running one can be paused.")
        row("pause_run", {"run": run_id, "actor": actor})
    return Done(RunState.PAUSED)


def resume_run(run_id: RunId, actor: str) -> ActOutcome:
    """A held run goes on where it was; what held it does not hold it again."""
    with transaction.atomic(durable=True):
        was = _lock(run_id)
        if was is None:
            return GONE
        if was is RunState.RUNNING:
            return AlreadySo(was)
        if not can_resume(was):
            return NotPossible(was, f"The run is {was}: only a paused or held one goes on.")
        row("resume_run", {"run": run_id, "actor": actor})
        after = _lock(run_id)
    return Done(after or RunState.RUNNING)


def stop_run(run_id: RunId, reason: str, actor: str, *, is_unlaunched: bool = False) -> StopOutcome:
    """For good; workers hear of it at once, the scheduler purges what waits.

    `is_unlaunched`: refused where the run was launched meanwhile.
    """
    with transaction.atomic(durable=True):
        was = _lock(run_id)
        if was is None:
            return GONE
        if was is RunState.STOPPED:
            return AlreadySo(was)
        if not can_stop(was):
            return NotPossible(was, "The run is finished: nothing is left to stop.")
        if is_unlaunched and is_launched(was):
            return NotPossible(was, f"The run is {was}: stop it there if you want it to end.")
        counts = run_reads.counts(run_id)
        stopped = row("stop_run", {"run": run_id, "actor": actor, "reason": reason})
    waiting = sum(counts.get(state, 0) for state in _PURGED)
    return Stopped(stopped["in_flight"], max(0, waiting - stopped["in_flight"]))


_PURGED: Final = (
    DeliveryState.SELECTED,
    DeliveryState.PREPARED,
    DeliveryState.DEFERRED,
)


def _lock(run_id: RunId) -> RunState | None:
    """The run's state, its row locked until the end of the transaction."""
    locked = rows("run_lock", {"run": run_id})
    return RunState(locked[0]["state"]) if locked else None

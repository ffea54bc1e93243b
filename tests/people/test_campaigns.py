"""Campaigns, contents, relays and settings on real PostgreSQL."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist

from postroad.actions import (
    archive_campaign,
    deploy_audience,
    save_campaign,
    save_content,
    save_preferences,
    save_relay,
)
from postroad.core.audience import Everyone, Tagged
from postroad.core.campaign import CampaignFields
from postroad.core.ids import AudienceId, CampaignId, ContentId, RelayId
from postroad.core.lifecycle import CampaignState
from postroad.core.preferences import Preferences
from postroad.core.relay import RelayFields
from postroad.core.revision import KeptFile, NewFile, NewRevision
from postroad.core.saved import Gone, Refused, Saved, Unchanged

from .conftest import ACTOR

Rows = Callable[..., list[tuple[Any, ...]]]

pytestmark = pytest.mark.usefixtures("book")

LETTER = NewRevision("Hello", "md", "Dear {{ name }}", policies={"name": {"policy": "skip"}})
CV = NewFile("cv.pdf", "application/pdf", b"%PDF-1.7 \x00\xff" * 100)
RELAY = RelayFields("Office", "smtp.example.org", 587, user="ann", password="pass word")


def no_faults(_: NewRevision) -> dict[str, str]:
    return {}


def seal(text: str) -> bytes:
    return b"sealed:" + text.encode()[::-1]


def unseal(token: bytes) -> str:
    return token.removeprefix(b"sealed:")[::-1].decode()


def saved(outcome: object) -> Any:
    assert isinstance(outcome, Saved), outcome
    return outcome.id


def a_content(name: str = "Letter", revision: NewRevision = LETTER) -> ContentId:
    from postroad.store.writes import content

    return ContentId(saved(save_content.create_content(content, no_faults, name, revision, ACTOR)))


def revise(content_id: ContentId, revision: NewRevision) -> object:
    from postroad.store.writes import content

    return save_content.save_revision(content, no_faults, content_id, revision, ACTOR)


def a_relay(fields: RelayFields = RELAY) -> RelayId:
    from postroad.store.writes import relay

    return RelayId(saved(save_relay.create_relay(relay, seal, fields, ACTOR)))


def an_audience(name: str = "All") -> AudienceId:
    from postroad.store.writes import audience

    return AudienceId(saved(deploy_audience.create_audience(audience, name, Everyone(), ACTOR)))


def a_campaign(**more: Any) -> tuple[CampaignId, CampaignFields]:
    from postroad.store.writes import campaign

    fields = CampaignFields(
        "Spring",
        audience_id=an_audience(),
        content_id=a_content(),
        relay_id=a_relay(),
        sender_address="Ann@Example.org",
        **more,
    )
    key = CampaignId(saved(save_campaign.create_campaign(campaign, fields, ACTOR)))
    return key, replace(fields, sender_address="Ann@example.org")


def a_waiting_run(rows: Rows, campaign_id: CampaignId, state: str = "ready") -> int:
    (found,) = rows(
        "INSERT INTO run (campaign_id, state, routine, audience_version_id, revision_id, relay_id,"
        " is_personal, sender_address)"
        " VALUES (%s, %s, 'postroad.audience_1_v1', 1, 1, 1, true, 'a@x.org') RETURNING id",
        campaign_id,
        state,
    )
    return int(found[0])


def state_of(rows: Rows, run_id: int) -> tuple[Any, ...]:
    return rows("SELECT state, reason FROM run WHERE id = %s", run_id)[0]


def edit(campaign_id: CampaignId, fields: CampaignFields) -> object:
    from postroad.store.writes import campaign

    return save_campaign.edit_campaign(campaign, campaign_id, fields, ACTOR)


def test_an_edit_before_launch_abandons_the_run(rows: Rows) -> None:
    key, fields = a_campaign()
    run = a_waiting_run(rows, key)
    assert edit(key, replace(fields, sender_name="Bob")) == Saved(key, abandoned=1)
    state, reason = state_of(rows, run)
    assert state == "stopped"
    assert "abandoned" in reason


def test_a_new_name_alone_abandons_nothing(rows: Rows) -> None:
    key, fields = a_campaign()
    run = a_waiting_run(rows, key)
    assert edit(key, replace(fields, name="Summer")) == Saved(key, abandoned=0)
    assert edit(key, replace(fields, name="Summer")) == Unchanged(key)
    assert state_of(rows, run)[0] == "ready"


def test_a_changed_content_or_audience_abandons_the_run_too(rows: Rows) -> None:
    from postroad.store.writes import audience

    key, fields = a_campaign()
    assert fields.content_id is not None
    assert fields.audience_id is not None
    first = a_waiting_run(rows, key)
    outcome = revise(fields.content_id, replace(LETTER, subject="Hi"))
    assert isinstance(outcome, Saved)
    assert outcome.abandoned == 1
    assert state_of(rows, first)[0] == "stopped"
    second = a_waiting_run(rows, key)
    deploy_audience.deploy_audience(audience, fields.audience_id, Tagged(("x",)), ACTOR)
    assert state_of(rows, second)[0] == "stopped"


def test_a_run_that_is_sending_is_not_touched_by_an_edit(rows: Rows) -> None:
    key, fields = a_campaign()
    run = a_waiting_run(rows, key, "running")
    assert edit(key, replace(fields, sender_name="Bob")) == Saved(key, abandoned=0)
    assert state_of(rows, run)[0] == "running"


def test_what_was_chosen_and_is_gone_is_refused_by_field() -> None:
    key, fields = a_campaign()
    gone = replace(fields, audience_id=AudienceId(99), relay_id=RelayId(99))
    outcome = edit(key, gone)
    assert isinstance(outcome, Refused)
    assert set(outcome.faults) == {"audience", "relay"}
    assert isinstance(edit(CampaignId(99), fields), Gone)
    assert isinstance(edit(key, replace(fields, name="")), Refused)


def test_a_campaign_is_archived_and_comes_back(rows: Rows) -> None:
    from postroad.store.reads import campaign as reads
    from postroad.store.writes import campaign

    key, fields = a_campaign()
    run = a_waiting_run(rows, key, "running")
    assert isinstance(archive_campaign.archive_campaign(campaign, key, ACTOR), Refused)
    rows("UPDATE run SET state = 'finished', started_at = now() WHERE id = %s RETURNING id", run)
    assert archive_campaign.archive_campaign(campaign, key, ACTOR) == Saved(key)
    assert archive_campaign.archive_campaign(campaign, key, ACTOR) == Unchanged(key)
    assert reads.campaigns() == []
    (archived,) = reads.campaigns(with_archived=True)
    assert archived.state is CampaignState.ARCHIVED
    assert archive_campaign.restore_campaign(campaign, key, ACTOR) == Saved(key)
    restored = reads.campaign(key)
    assert restored is not None
    assert restored.state is CampaignState.ACTIVE
    assert restored.fields == fields
    assert (restored.audience_name, restored.content_name, restored.relay_name) == (
        "All", "Letter", "Office",
    )  # fmt: skip
    assert restored.latest_run is not None
    assert restored.latest_run.id == run


def test_a_revision_is_never_changed_and_files_are_stored_once(rows: Rows) -> None:
    from postroad.store.reads import content as reads

    key = a_content(revision=replace(LETTER, files=(CV,)))
    first = reads.latest(key)
    assert first is not None
    (kept,) = first.files
    assert kept == KeptFile(kept.attachment_id, "cv.pdf", "application/pdf", CV.size)
    assert reads.file_data(kept.attachment_id) == CV.data
    twice = (kept, replace(CV, name="again.pdf"))
    assert isinstance(revise(key, replace(LETTER, subject="Hi", files=twice)), Saved)
    assert rows("SELECT count(*) FROM attachment") == [(1,)]
    assert reads.revision(first.id) == first
    latest = reads.latest(key)
    assert latest is not None
    assert (latest.number, latest.subject) == (2, "Hi")
    assert [file.attachment_id for file in latest.files] == [kept.attachment_id] * 2
    assert [row.number for row in reads.revisions(key)] == [2, 1]
    (listed,) = reads.contents()
    assert (listed.name, listed.number, len(listed.files)) == ("Letter", 2, 2)


def test_the_same_revision_again_keeps_nothing(rows: Rows) -> None:
    key = a_content()
    assert isinstance(revise(key, LETTER), Unchanged)
    assert rows("SELECT count(*) FROM revision") == [(1,)]


def test_a_template_is_checked_before_it_is_kept(rows: Rows) -> None:
    from postroad.store.writes import content

    def check(revision: NewRevision) -> dict[str, str]:
        return {"source": "line 1, column 6: nam is unknown, did you mean name?"}

    outcome = save_content.create_content(content, check, "Letter", LETTER, ACTOR)
    assert outcome == Refused({"source": "line 1, column 6: nam is unknown, did you mean name?"})
    assert rows("SELECT count(*) FROM content") == [(0,)]
    a_content()
    again = save_content.create_content(content, no_faults, "Letter ", LETTER, ACTOR)
    assert isinstance(again, Refused)
    assert isinstance(revise(ContentId(99), LETTER), Gone)


def test_a_password_is_kept_sealed_and_an_empty_form_field_keeps_it(rows: Rows) -> None:
    from postroad.store.reads import relay as reads
    from postroad.store.writes import relay

    key = a_relay()
    assert rows("SELECT password FROM relay") == [(seal("pass word"),)]
    edited = replace(RELAY, password=None, port=465, tls="implicit")
    assert save_relay.edit_relay(relay, seal, key, edited, ACTOR) == Saved(key)
    target = reads.target(key, unseal)
    assert target is not None
    assert (target.port, target.password) == (465, "pass word")
    shown = reads.relay(key)
    assert shown is not None
    assert shown.has_password
    assert not hasattr(shown, "password")
    without = replace(RELAY, user="", password="")
    save_relay.edit_relay(relay, seal, key, without, ACTOR)
    assert rows("SELECT password FROM relay") == [(None,)]
    assert not [row for row in rows("SELECT j::text FROM journal j") if "pass word" in row[0]]


def test_limits_of_a_relay_reach_the_engine_and_are_lifted(rows: Rows) -> None:
    from postroad.store.writes import relay

    key = a_relay(replace(RELAY, per_minute=30, per_day=500))
    bucket = "SELECT per_minute, per_day FROM bucket WHERE kind = 'relay' AND key = %s"
    assert rows(bucket, str(key)) == [(30, 500)]
    save_relay.edit_relay(relay, seal, key, RELAY, ACTOR)
    assert rows(bucket, str(key)) == [(None, None)]


def test_a_mended_relay_is_tried_again(rows: Rows) -> None:
    from postroad.store.writes import relay

    key = a_relay()
    rows("INSERT INTO relay_health (relay_id, stopped_at, reason) VALUES (%s, now(), '535')"
         " RETURNING relay_id", key)  # fmt: skip
    save_relay.edit_relay(relay, seal, key, replace(RELAY, password="right"), ACTOR)
    assert rows("SELECT stopped_at FROM relay_health") == [(None,)]


def test_the_sandbox_is_default_until_a_real_relay_is_set() -> None:
    from postroad.store.reads import relay as reads
    from postroad.store.writes import relay

    sandbox = relay.put_sandbox(2525)
    found = reads.default()
    assert found is not None
    assert (found.id, found.is_sandbox, found.port) == (sandbox, True, 2525)
    key = a_relay()
    found = reads.default()
    assert found is not None
    assert found.id == key
    second = a_relay(replace(RELAY, name="Second"))
    assert [row.is_default for row in reads.relays()] == [True, False, False]
    assert relay.put_sandbox(2626) == sandbox
    assert [row.port for row in reads.relays() if row.is_sandbox] == [2626]
    assert reads.default() == found
    assert save_relay.make_default_relay(relay, second, ACTOR) == Saved(second)
    assert save_relay.delete_relay(relay, second, ACTOR) == Saved(second)
    back = reads.default()
    assert back is not None
    assert back.is_sandbox
    refused = save_relay.delete_relay(relay, sandbox, ACTOR)
    assert isinstance(refused, Refused)


def test_a_relay_that_a_campaign_uses_is_not_deleted() -> None:
    from postroad.store.reads import relay as reads
    from postroad.store.writes import relay

    _, fields = a_campaign()
    assert fields.relay_id is not None
    assert isinstance(save_relay.delete_relay(relay, fields.relay_id, ACTOR), Refused)
    assert reads.relay(fields.relay_id) is not None
    again = save_relay.create_relay(relay, seal, RELAY, ACTOR)
    assert isinstance(again, Refused)
    assert list(again.faults) == ["name"]


def test_preferences_are_kept_and_the_rest_is_default(rows: Rows) -> None:
    from postroad.store.reads import setting as reads
    from postroad.store.writes import setting

    defaults = Preferences(undo_seconds=5)
    assert reads.preferences(defaults) == defaults
    wanted = replace(defaults, public_url="https://mail.example.org/")
    zones = frozenset({"UTC"})
    outcome = save_preferences.save_preferences(setting, wanted, zones, ACTOR)
    assert isinstance(outcome, save_preferences.PreferencesSaved)
    assert "public_url" in outcome.changed
    assert reads.preferences(Preferences()) == replace(
        wanted, public_url="https://mail.example.org"
    )
    kept = replace(wanted, undo_seconds=10)
    again = save_preferences.save_preferences(setting, kept, zones, ACTOR)
    assert again == save_preferences.PreferencesSaved(("undo_seconds",))
    rows("UPDATE setting SET value = '\"soon\"' WHERE name = 'undo_seconds' RETURNING name")
    assert reads.preferences(Preferences()).undo_seconds == 60


def test_engine_tables_cannot_be_written_through_their_models() -> None:
    from postroad.store.models import Suppression

    with pytest.raises(TypeError, match="engine"):
        Suppression(hash=b"x", reason="manager").save()
    with pytest.raises(ObjectDoesNotExist):
        Suppression.objects.get()


def test_a_password_sealed_with_the_key_file_is_opened_again(tmp_path: Path) -> None:
    from postroad.store.reads import relay as reads
    from postroad.store.secrets import decrypt, encrypt, load_key
    from postroad.store.writes import relay

    key = load_key(tmp_path / "another.key")
    outcome = relay.create_relay(RELAY, lambda text: encrypt(key, "relay", text), ACTOR)
    target = reads.target(saved(outcome), lambda token: decrypt(key, "relay", token))
    assert target is not None
    assert target.password == "pass word"

"""Campaigns, relays, audiences, preferences, revisions: the pure rules."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroad.core.audience import (
    Definition,
    Everyone,
    HandPicked,
    Tagged,
    fault_of,
    from_json,
    to_json,
    words_of,
)
from postroad.core.campaign import (
    PERSONAL_LIMIT,
    CampaignFields,
    ChecklistFacts,
    Severity,
    checklist,
    field_faults,
    is_public_https,
)
from postroad.core.ids import AudienceId, ContactId, ContentId, RelayId
from postroad.core.preferences import Preferences, is_sound, preference_faults
from postroad.core.relay import RelayFields, relay_faults
from postroad.core.revision import MAX_FILES_SIZE, KeptFile, NewFile, NewRevision, revision_faults

COMPLETE = CampaignFields(
    "Spring",
    is_personal=True,
    audience_id=AudienceId(1),
    content_id=ContentId(1),
    relay_id=RelayId(1),
    sender_name="Ann",
    sender_address="ann@example.org",
    postal_address="1 Main St",
)


def red(fields: CampaignFields, people: int | None = 10, public_url: str = "") -> set[str]:
    facts = ChecklistFacts(
        fields, people, has_revision=True, is_sandbox=False, public_url=public_url
    )
    return {check.key for check in checklist(facts) if check.severity is Severity.RED}


def test_a_complete_personal_campaign_has_nothing_red() -> None:
    assert red(COMPLETE) == set()


def test_what_is_missing_is_red() -> None:
    assert red(CampaignFields("Spring")) == {"audience", "content", "relay", "sender_address"}
    assert red(COMPLETE, people=0) == {"audience"}


def test_a_personal_campaign_goes_to_at_most_500_people() -> None:
    assert red(COMPLETE, people=PERSONAL_LIMIT) == set()
    assert red(COMPLETE, people=PERSONAL_LIMIT + 1) == {"is_personal"}


def test_a_bulk_campaign_needs_a_public_address_and_a_postal_one() -> None:
    bulk = replace(COMPLETE, is_personal=False)
    assert red(bulk) == {"public_url"}
    assert red(bulk, public_url="https://mail.example.org") == set()
    assert red(replace(bulk, postal_address=" "), public_url="https://mail.example.org") == {
        "postal_address"
    }


def test_red_stands_before_yellow_before_blue() -> None:
    bulk = replace(COMPLETE, is_personal=False, sender_address="ann@gmail.com")
    facts = ChecklistFacts(bulk, 10, has_revision=True, is_sandbox=True, public_url="")
    assert [check.severity.value for check in checklist(facts)] == ["red", "yellow", "blue"]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("name", " "),
        ("name", "a\nb"),
        ("sender_name", "Ann\r\nBcc: x@x.org"),
        ("sender_address", "ann"),
        ("reply_to", "ann@x.org\r\n"),
        ("postal_address", "1 Main St\x0b\0"),
    ],
)
def test_a_bad_field_is_named_and_says_what_to_do(field: str, text: str) -> None:
    faults = field_faults(replace(COMPLETE, **{field: text}))  # type: ignore[arg-type]
    assert list(faults) == [field]
    assert faults[field].endswith(".")


def test_only_a_new_name_leaves_the_mails_as_they_are() -> None:
    assert not replace(COMPLETE, name="Summer").matters_beside(COMPLETE)
    assert replace(COMPLETE, sender_name="Bob").matters_beside(COMPLETE)
    assert replace(COMPLETE, is_personal=False).matters_beside(COMPLETE)


@pytest.mark.parametrize(
    ("url", "is_public"),
    [
        ("https://mail.example.org", True),
        ("https://mail.example.org:8443/x", True),
        ("http://mail.example.org", False),
        ("https://localhost", False),
        ("https://127.0.0.1", False),
        ("https://[::1]", False),
        ("https://[", False),
        ("https://laptop.local", False),
        ("HTTPS://mail.example.org", False),
        ("https://mail.example.org/?a=b", False),
        ("https://mail.example.org>", False),
        ("https://mail.example.org\r\nBcc: eve@example.org", False),
        ("https://mail.example.org\x85", False),
        ("", False),
    ],
)
def test_only_https_on_a_named_host_is_public(url: str, *, is_public: bool) -> None:
    assert is_public_https(url) == is_public


RELAY = RelayFields("Office", "smtp.example.org", 587, user="ann", password="secret")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"host": "smtp example"}, "host"),
        ({"host": "smtp.example.org\r\n"}, "host"),
        ({"port": 0}, "port"),
        ({"tls": "maybe"}, "tls"),
        ({"tls": "none"}, "tls"),
        ({"user": ""}, "user"),
        ({"password": "a\nb"}, "password"),
        ({"per_minute": 0}, "per_minute"),
        ({"per_day": -1}, "per_day"),
        ({"connections": 0}, "connections"),
    ],
)
def test_a_bad_relay_field_is_named(changes: dict[str, object], field: str) -> None:
    assert list(relay_faults(replace(RELAY, **changes))) == [field]  # type: ignore[arg-type]


def test_a_sound_relay_has_no_faults_and_hides_its_password() -> None:
    assert relay_faults(RELAY) == {}
    assert relay_faults(replace(RELAY, host="127.0.0.1", tls="none")) == {}
    assert relay_faults(replace(RELAY, host="::1", tls="none")) == {}
    assert "secret" not in repr(RELAY)


DEFINITIONS: st.SearchStrategy[Definition] = st.one_of(
    st.just(Everyone()),
    st.lists(st.text(min_size=1, max_size=20), min_size=1).map(lambda names: Tagged(tuple(names))),
    st.lists(st.integers(1, 2**62).map(ContactId)).map(lambda ids: HandPicked(tuple(ids))),
)


@given(DEFINITIONS)
def test_a_definition_is_kept_and_read_back(definition: Definition) -> None:
    assert from_json(to_json(definition)) == definition
    assert words_of(definition)


@pytest.mark.parametrize(
    "kept", [{}, {"kind": "all"}, {"kind": "tagged", "names": [1]},
             {"kind": "hand_picked", "contact_ids": [True]}],
)  # fmt: skip
def test_anything_else_is_no_definition(kept: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not the definition"):
        from_json(kept)


@pytest.mark.parametrize(
    "definition",
    [Tagged(()), Tagged(("",)), Tagged(("a\0b",)), Tagged(("x" * 500,)),
     Tagged(("x",) * 101), HandPicked(()), HandPicked((ContactId(2**63),)),
     HandPicked(tuple(map(ContactId, range(1, 10_002))))],
)  # fmt: skip
def test_an_audience_that_means_nobody_is_refused(definition: Definition) -> None:
    fault = fault_of(definition)
    assert fault
    assert fault.endswith(".")


LETTER = NewRevision("Hello", "md", "Dear {{ name }}")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"subject": " "}, "subject"),
        ({"subject": "a\r\nBcc: x@x.org"}, "subject"),
        ({"format": "exe"}, "format"),
        ({"source": "\n"}, "source"),
        ({"source": "a\0"}, "source"),
        ({"source": "x" * (2 * 1024 * 1024 + 1)}, "source"),
        ({"policies": {"name": {"policy": "maybe"}}}, "policies.name"),
        ({"files": (NewFile("../cv.pdf", "application/pdf", b"x"),)}, "files"),
        ({"files": (NewFile("c\nv.pdf", "application/pdf", b"x"),)}, "files"),
        ({"files": (NewFile("cv.pdf", "application/pdf", b""),)}, "files"),
        ({"files": (KeptFile(1, "cv.pdf", "application/pdf", MAX_FILES_SIZE + 1),)}, "files"),
    ],
)
def test_a_bad_revision_field_is_named(changes: dict[str, object], field: str) -> None:
    assert list(revision_faults(replace(LETTER, **changes))) == [field]  # type: ignore[arg-type]


def test_a_sound_revision_has_no_faults() -> None:
    file = KeptFile(1, "cv.pdf", "application/pdf", MAX_FILES_SIZE)
    assert revision_faults(replace(LETTER, files=(file,))) == {}


def test_preferences_are_checked_by_type_and_by_sense() -> None:
    assert is_sound("undo_seconds", 0)
    assert not is_sound("undo_seconds", True)
    assert not is_sound("undo_seconds", "60")
    assert not is_sound("unheard_of", "x")
    wrong = Preferences(public_url="http://x.org", undo_seconds=-1, zone="Mars")
    zones = frozenset({"UTC"})
    assert set(preference_faults(wrong, zones)) == {"public_url", "undo_seconds", "zone"}
    assert preference_faults(Preferences(), zones) == {}

"""What a campaign says about unknown mails, and what a relay's look-up may be and say."""

import pytest

from postroad.core.campaign import CampaignFields, ChecklistFacts, Severity, checklist, field_faults
from postroad.core.lookup import LookupAnswer, lookup_fault, read_answer
from postroad.core.relay import RelayFields, relay_faults
from postroad.core.unknown import UnknownPolicy


@pytest.mark.parametrize(
    "hook", ["", "ask-relay", "ask.py", "https://a.example/x?y=z", "http://127.0.0.1:8080"]
)
def test_an_address_or_the_name_of_a_program_is_a_look_up(hook: str) -> None:
    assert not lookup_fault(hook)


@pytest.mark.parametrize(
    "hook",
    [
        "/bin/sh",
        "../ask",
        ".hidden",
        "ask relay",
        "-rf",
        "ftp://a.example/",
        "https://",
        "https://a.example/a b",
        "https://a.example/\r\nX: y",
        "https://me:secret@a.example/",
        "https://a.example:99999/",
        "https://[::1",
    ],
)
def test_nothing_else_is_and_the_text_says_what_to_do(hook: str) -> None:
    assert lookup_fault(hook).endswith((".", "lookup."))
    assert "lookup" in relay_faults(RelayFields("Mine", "a.example", 587, lookup=hook))


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("sent", LookupAnswer.SENT),
        (" Sent \r\nqueued as 1234", LookupAnswer.SENT),
        ("not sent\n", LookupAnswer.NOT_SENT),
        ("not_sent", LookupAnswer.NOT_SENT),
        ("unknown", LookupAnswer.UNKNOWN),
        ("it was sent", LookupAnswer.UNKNOWN),
        ("sent?", LookupAnswer.UNKNOWN),
        ("", LookupAnswer.UNKNOWN),
        ("<html>\x00", LookupAnswer.UNKNOWN),
    ],
)
def test_only_a_whole_word_agreed_on_is_an_answer(text: str, answer: LookupAnswer) -> None:
    heard = read_answer(text)
    assert heard.answer is answer
    assert heard.said.endswith(".")
    assert "\x00" not in heard.said


def test_a_mail_is_sent_again_by_itself_five_times_at_most() -> None:
    for limit, is_fine in ((0, False), (1, True), (5, True), (6, False)):
        fields = CampaignFields("Spring", unknown_policy=UnknownPolicy.RESEND, resend_limit=limit)
        assert ("resend_limit" not in field_faults(fields)) is is_fine


@pytest.mark.parametrize("has_lookup", [True, False])
def test_looking_up_at_a_relay_that_cannot_be_asked_is_told_before_verify(
    *, has_lookup: bool
) -> None:
    fields = CampaignFields("Spring", unknown_policy=UnknownPolicy.LOOK_UP)
    facts = ChecklistFacts(fields, 1, True, False, "", has_lookup=has_lookup)
    told = [check.severity for check in checklist(facts) if check.key == "lookup"]
    assert told == ([] if has_lookup else [Severity.YELLOW])


def test_another_policy_makes_another_run() -> None:
    before = CampaignFields("Spring")
    assert CampaignFields("Spring", unknown_policy=UnknownPolicy.RESEND).matters_beside(before)
    assert not CampaignFields("Summer").matters_beside(before)

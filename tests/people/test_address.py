"""One address: syntax, key, hash."""

import hashlib
import json
from pathlib import Path

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from postroad.core.address import (
    Address,
    BadAddress,
    control_in,
    hash_of,
    parse_address,
    shown,
)

ACCEPTED_CATEGORIES = {"ISEMAIL_VALID_CATEGORY", "ISEMAIL_DNSWARN"}
REFUSED_CATEGORIES = {"ISEMAIL_ERR", "ISEMAIL_DEPREC", "ISEMAIL_RFC5322"}

# Where we differ from isemail on purpose, by its number.
EXCEPTIONS = {
    "5": "test@io: a host without a dot is a slip of the keyboard far more often",
    "160": "a quoted pair of a non-ASCII letter is read as that letter (RFC 6532)",
}


def test_the_ordinary_cases_of_isemail_are_judged_alike(test_data: Path) -> None:
    cases = json.loads((test_data / "addresses" / "isemail.json").read_text())
    wrong = {}
    for case in cases:
        is_good = isinstance(parse_address(case["address"]), Address)
        expected = case["category"] in ACCEPTED_CATEGORIES
        if case["category"] in ACCEPTED_CATEGORIES | REFUSED_CATEGORIES and is_good != expected:
            wrong[case["id"]] = case["address"]
    assert set(wrong) == set(EXCEPTIONS), wrong


@pytest.mark.parametrize(
    ("text", "address", "key"),
    [
        ("Ann@Example.ORG", "Ann@example.org", "ann@example.org"),
        ("  ann@example.org\t", "ann@example.org", "ann@example.org"),
        ("a@Müller.de", "a@xn--mller-kva.de", "a@xn--mller-kva.de"),
        ("JÜRGEN@müller.de", "JÜRGEN@xn--mller-kva.de", "jürgen@xn--mller-kva.de"),
        ('"ann lee"@x.org', '"ann lee"@x.org', '"ann lee"@x.org'),
        ('"ann"@x.org', "ann@x.org", "ann@x.org"),
    ],
)
def test_an_address_keeps_its_case_and_its_key_does_not(text: str, address: str, key: str) -> None:
    assert parse_address(text) == Address(address, key)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        ("ann", "has no @"),
        ("@x.org", "nothing before the @"),
        ("ann@", "nothing after the @"),
        ("a@b@x.org", "more than one @"),
        ("ann lee@x.org", "space before the @"),
        ("ann@x .org", "space after the @"),
        ("ann@localhost", "no dot after the @"),
        ("ann..lee@x.org", "dot too many"),
        ("ann@x..org", "dot too many"),
        ("ann@127.0.0.1", "ends in a number"),
        ("ann@[127.0.0.1]", "brackets"),
        ("ann@x.org\r\nRCPT TO:<b@x.org>", "a line break"),
        ("an\0n@x.org", "U+0000"),
        ("ann\u2028@x.org", "U+2028"),
        ("ann\ud800@x.org", "U+D800"),
        ("a" * 65 + "@x.org", "64 octets"),
        ("a@" + "b" * 63 + "." + ".".join(["c" * 60] * 4) + ".org", "254 octets"),
    ],
)
def test_a_bad_address_says_what_is_wrong_and_what_to_do(text: str, reason: str) -> None:
    parsed = parse_address(text)
    assert isinstance(parsed, BadAddress)
    assert reason in parsed.text
    assert parsed.text.endswith(".")
    assert ":" in parsed.text


@given(st.text())
def test_any_text_is_judged_without_an_exception(text: str) -> None:
    parsed = parse_address(text)
    if isinstance(parsed, Address):
        assert control_in(parsed.address) is None
        again = parse_address(parsed.address)
        assert isinstance(again, Address)
        assert again.key == parsed.key


ATOMS = st.from_regex(r"[a-zA-Z0-9!#$%&'*+/=?^_`{|}~.-]{1,70}@[a-zA-Z0-9.-]{1,80}", fullmatch=True)


@given(ATOMS)
def test_the_short_cut_for_ordinary_addresses_agrees_with_the_full_check(text: str) -> None:
    parsed = parse_address(text)
    try:
        valid = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        assert isinstance(parsed, BadAddress)
        return
    host = valid.ascii_domain.lower()
    if "." in host and not host.rpartition(".")[2].isdigit():
        assert parsed == Address(f"{valid.local_part}@{host}", f"{valid.local_part.lower()}@{host}")
    else:
        assert isinstance(parsed, BadAddress)


def test_the_hash_is_sha256_of_the_key() -> None:
    parsed = parse_address("Ann@Example.org")
    assert isinstance(parsed, Address)
    assert parsed.hash == hash_of("ann@example.org")
    assert parsed.hash == hashlib.sha256(b"ann@example.org").digest()


def test_an_international_domain_is_shown_in_its_own_script() -> None:
    assert shown("a@xn--mller-kva.de") == "a@müller.de"
    assert shown("a@example.org") == "a@example.org"
    assert shown("a@xn--\u00ff.de") == "a@xn--\u00ff.de"

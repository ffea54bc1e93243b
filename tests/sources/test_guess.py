"""Columns guessed from names and values, on invented tables."""

import pytest

from postroad.core.criteria.schema import Column, Kind, Schema, Table, TableName
from postroad.core.source.mapping import Guess, Sample, guess_mapping

NAME = TableName("public", "person")
ZONES = frozenset({"Europe/Vienna", "America/New_York", "Portugal", "Poland", "UTC"})
T, B, N = Kind.TEXT, Kind.BOOLEAN, Kind.INTEGER


def guessed(columns: dict[str, Kind], values: dict[str, list[str | None]] | None = None) -> Guess:
    table = Table(NAME, tuple(Column(*each) for each in columns.items()), ("id",), unique=("id",))
    rows = zip(*(values or {}).values(), strict=True) if values else ()
    sample = Sample(tuple(values or ()), tuple(rows))
    return guess_mapping(Schema((table,)), table, sample, ZONES)


@pytest.mark.parametrize(
    ("column", "kind", "role"),
    [
        ("E-Mail", T, "address"),
        ("email_address", T, "address"),
        ("EmailAddress", T, "address"),
        ("courriel", T, "address"),
        ("Vorname", T, "first_name"),
        ("given_name", T, "first_name"),
        ("Surname", T, "last_name"),
        ("display_name", T, "name"),
        ("contact_name", T, "name"),
        ("tz", T, "zone"),
        ("TimeZone", T, "zone"),
        ("is_subscribed", B, "consent"),
        ("accepts_marketing", B, "consent"),
        ("newsletter", B, "consent"),
    ],
)
def test_columns_are_known_by_their_names(column: str, kind: Kind, role: str) -> None:
    mapping = guessed({"id": N, column: kind, "other": T}).mapping
    assert getattr(mapping, role) == column


@pytest.mark.parametrize("column", ["opt_out", "unsubscribed", "no_newsletter", "do_not_email"])
def test_what_says_no_is_not_taken_for_consent(column: str) -> None:
    assert guessed({"id": N, "email": T, column: B}).mapping.consent == ""


def test_consent_is_a_yes_or_no() -> None:
    assert guessed({"id": N, "email": T, "newsletter": T}).mapping.consent == ""


def test_addresses_are_known_by_their_values_too() -> None:
    values: dict[str, list[str | None]] = {
        "login": ["ann@x.org", "bob@y.org", None],
        "email": ["yes", "no", "yes"],
    }
    assert guessed({"id": N, "email": T, "login": T}, values).mapping.address == "login"


def test_a_name_alone_is_not_believed_against_the_values() -> None:
    values: dict[str, list[str | None]] = {"mail": ["letter", "parcel", "letter"]}
    guess = guessed({"id": N, "mail": T}, values)
    assert guess.mapping.address == ""
    assert "has no column with e-mail addresses" in guess.notes[0]


def test_countries_are_no_time_zones() -> None:
    values: dict[str, list[str | None]] = {"country": ["Portugal", "Poland"]}
    assert guessed({"id": N, "email": T, "country": T}, values).mapping.zone == ""
    values = {"place": ["Europe/Vienna", "America/New_York"]}
    assert guessed({"id": N, "email": T, "place": T}, values).mapping.zone == "place"


def test_consent_of_nobody_is_asked_about() -> None:
    values: dict[str, list[str | None]] = {"newsletter": ["false", "0"], "email": ["a@x.org"] * 2}
    guess = guessed({"id": N, "email": T, "newsletter": B}, values)
    assert guess.mapping.consent == "newsletter"
    assert guess.notes == (
        "newsletter is yes for none of 2 people looked at: make sure it is consent.",
    )

"""Names guessed, keys to sort by, names of variables."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroad.core.contact import (
    RESERVED_VARIABLES,
    Names,
    attribute_fault,
    complete_names,
    folded,
    slug_of,
    sort_key_of,
    text_fault,
)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Ann Lee", "Ann", "Lee"),
        ("Ann", "Ann", ""),
        ("", "", ""),
        ("Lovelace, Ada", "Ada", "Lovelace"),
        ("Dr. Ann Lee", "Ann", "Lee"),
        ("Prof. Dr. Ann Lee PhD", "Ann", "Lee"),
        ("Ann Mary Lee", "Ann Mary", "Lee"),
        ("Ludwig van Beethoven", "Ludwig", "van Beethoven"),
        ("Ursula von der Leyen", "Ursula", "von der Leyen"),
        ("Роман Абрамцев", "Роман", "Абрамцев"),
        ("李小龍", "李小龍", ""),
        ("王 小明", "小明", "王"),
        ("Martin King, Jr.", "Martin", "King"),
    ],
)
def test_first_and_last_name_are_guessed_from_the_name(name: str, first: str, last: str) -> None:
    assert complete_names(name) == Names(name, first, last)


def test_what_is_given_is_never_guessed_over() -> None:
    assert complete_names("A. Lee", "Ann", "") == Names("A. Lee", "Ann", "")
    assert complete_names("", "Ann", "Lee") == Names("Ann Lee", "Ann", "Lee")


@given(st.text(max_size=60))
def test_a_guess_invents_no_words(name: str) -> None:
    names = complete_names(name)
    words = set(name.replace(",", " ").split()) | set(name.split())
    assert set(names.first_name.split()) <= words
    assert set(names.last_name.split()) <= words


def test_lists_are_sorted_by_family_name_without_case_and_accents() -> None:
    people = [("Öztürk", "Łukasz"), ("Ozturk", "Ann"), ("ábel", "Z"), ("Zoë", "A")]
    keys = [sort_key_of(last, first, "", "") for last, first in people]
    assert sorted(keys) == ["abel z", "ozturk ann", "ozturk lukasz", "zoe a"]
    assert sort_key_of("", "", "", "Ann@x.org") == "ann@x.org"


@given(st.text(max_size=40), st.integers(1, 99))
def test_every_header_becomes_the_name_of_a_variable(header: str, position: int) -> None:
    slug = slug_of(header, position)
    assert re.fullmatch(r"[a-z][a-z0-9_]*", slug)
    assert slug not in RESERVED_VARIABLES


@pytest.mark.parametrize(
    ("header", "slug"),
    [("Größe (cm)", "grosse_cm"), ("2nd line", "column_2nd_line"), ("Город", "column_7"),
     ("Name", "name_7")],
)  # fmt: skip
def test_a_slug_reads_like_its_header(header: str, slug: str) -> None:
    assert slug_of(header, 7) == slug


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@pytest.mark.parametrize("bad", ["a\rb", "a\nb", "a\0b", "a\u2028b", "a\x85b", "a" * 401])
def test_a_text_unfit_for_a_header_is_refused(bad: str) -> None:
    assert text_fault(bad)


def test_an_attribute_may_have_lines_but_no_control_characters() -> None:
    assert attribute_fault("Line 1\nLine 2\tend") is None
    assert attribute_fault("a\0b")
    assert attribute_fault("x" * 10_001)

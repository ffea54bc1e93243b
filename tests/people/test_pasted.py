"""The paste box."""

from hypothesis import given
from hypothesis import strategies as st

from postroad.core.address import parse_address
from postroad.core.pasted import BadPiece, parse_pasted


def found(text: str) -> list[tuple[str, str]]:
    pasted = parse_pasted(text)
    assert pasted.bad == ()
    return [(entry.name, entry.address.address) for entry in pasted.good]


def test_a_line_or_a_comma_or_a_semicolon_ends_a_piece() -> None:
    text = "Ann Lee <ann@x.org>, bob@x.org; Carl <carl@x.org>\ndora@x.org\r\neve@x.org\rf@x.org,"
    assert [address for _, address in found(text)] == [
        "ann@x.org", "bob@x.org", "carl@x.org", "dora@x.org", "eve@x.org", "f@x.org",
    ]  # fmt: skip


def test_a_quoted_name_may_hold_separators() -> None:
    assert found('"Lee, Ann; \\"A\\"" <ann@x.org>') == [('Lee, Ann; "A"', "ann@x.org")]


def test_a_family_name_in_front_of_a_comma_belongs_to_its_person() -> None:
    assert found("Lovelace, Ada <ada@x.org>, bob@x.org") == [
        ("Lovelace, Ada", "ada@x.org"), ("", "bob@x.org"),
    ]  # fmt: skip


def test_columns_of_a_table_are_read() -> None:
    assert found("Ann Lee\tann@x.org\nBob  bob@x.org") == [
        ("Ann Lee", "ann@x.org"), ("Bob", "bob@x.org"),
    ]  # fmt: skip


def test_names_in_every_script_are_kept() -> None:
    assert found("李小龍 <b@x.org>, Роман Абрамцев <r@x.org>") == [
        ("李小龍", "b@x.org"), ("Роман Абрамцев", "r@x.org"),
    ]  # fmt: skip


def test_a_bad_piece_is_pointed_at_and_stays_in_the_box() -> None:
    pasted = parse_pasted("ann@x.org\nbob@x.org,  carl@@x.org, Dora <dora@x.org\n")
    assert len(pasted.good) == 2
    assert [(piece.line, piece.column, piece.text) for piece in pasted.bad] == [
        (2, 13, "carl@@x.org"), (2, 26, "Dora <dora@x.org"),
    ]  # fmt: skip
    assert pasted.rest == "carl@@x.org\nDora <dora@x.org"
    assert all(piece.reason.endswith(".") for piece in pasted.bad)


def test_a_quote_that_never_closes_hides_nobody() -> None:
    pasted = parse_pasted('"Ann <ann@x.org>, bob@x.org')
    assert [entry.address.address for entry in pasted.good] == ["ann@x.org", "bob@x.org"]


def test_a_header_cannot_be_smuggled_in_by_a_name() -> None:
    pasted = parse_pasted("Ann\u2028Bcc: x <ann@x.org>")
    assert pasted.good == ()
    assert "U+2028" in pasted.bad[0].reason


def test_an_endless_paste_is_sent_to_the_import() -> None:
    text = "a@x.org\n" * 130_000
    (piece,) = parse_pasted(text).bad
    assert isinstance(piece, BadPiece)
    assert piece.text == text
    assert "CSV" in piece.reason


ADDRESSES = st.from_regex(r"[a-z0-9]{1,8}(\.[a-z0-9]{1,8})?@[a-z]{1,8}\.(org|com)", fullmatch=True)
NAMES = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cf", "Co", "Cn")), max_size=20
).map(lambda name: " ".join(name.split()))


@given(st.lists(st.tuples(NAMES, ADDRESSES), min_size=1, max_size=8),
       st.sampled_from([", ", "; ", "\n", "\r\n", ",\n"]))  # fmt: skip
def test_what_is_written_by_the_rules_is_read_back(
    people: list[tuple[str, str]], separator: str
) -> None:
    def written(name: str, address: str) -> str:
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}" <{address}>' if name else address

    pasted = parse_pasted(separator.join(written(*person) for person in people))
    assert pasted.bad == ()
    assert [(entry.name, entry.address.address) for entry in pasted.good] == people


@given(st.text(st.sampled_from('ab@.,;<>" \n\\x'), max_size=60))
def test_nothing_of_any_text_is_lost(text: str) -> None:
    pasted = parse_pasted(text)
    rest = "".join(piece.text for piece in pasted.bad)
    read = "".join(entry.name + entry.address.address for entry in pasted.good)
    for letter in "abx":
        assert text.count(letter) == rest.count(letter) + read.count(letter)


@given(st.text(max_size=80))
def test_any_text_is_read_without_an_exception(text: str) -> None:
    for entry in parse_pasted(text).good:
        assert parse_address(entry.address.address) == entry.address

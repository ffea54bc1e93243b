"""Contacts from CSV files, and the records they are made of."""

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroad.core.contact_csv import (
    BadRow,
    ContactFile,
    Field,
    GoodRow,
    HeaderFault,
    open_contacts,
)
from postroad.core.csv_records import (
    MAX_LINE,
    NotText,
    Record,
    decoded_lines,
    delimiter_of,
    read_records,
    spreadsheet_safe,
)

ZONES = frozenset({"Europe/Vienna"})


def opened(content: str | bytes) -> ContactFile:
    data = content.encode() if isinstance(content, str) else content
    file = open_contacts(io.BytesIO(data), ZONES)
    assert isinstance(file, ContactFile), file
    return file


def good(content: str | bytes) -> list[GoodRow]:
    rows = list(opened(content).rows)
    assert all(isinstance(row, GoodRow) for row in rows), rows
    return [row for row in rows if isinstance(row, GoodRow)]


def bad(content: str | bytes) -> list[BadRow]:
    return [row for row in opened(content).rows if isinstance(row, BadRow)]


def test_the_torture_files_are_read_as_expected(test_data: Path) -> None:
    folder = test_data / "csv" / "spectrum"
    files = sorted((folder / "csvs").glob("*.csv"))
    assert len(files) >= 11
    for path in files:
        expected = json.loads((folder / "json" / f"{path.stem}.json").read_text())
        with path.open("rb") as file:
            header, *records = list(read_records(decoded_lines(file), ","))
        assert isinstance(header, Record)
        read = [
            dict(zip(header.cells, record.cells, strict=True))
            for record in records
            if isinstance(record, Record)
        ]
        # newlines_crlf.csv lost its CRs where it was kept; its JSON has them still.
        assert json.dumps(read) == json.dumps(expected).replace("\\r\\n", "\\n"), path.name


def test_headers_are_understood_in_several_languages() -> None:
    (row,) = good(
        "E-Mail;Vorname;Nachname;Firma;Zeitzone;Tags;Größe\n"
        "ann@x.org;Ann;Lee;Acme;Europe/Vienna;press|vip, x;1,70\n"
    )
    contact = row.contact
    assert (contact.name, contact.first_name, contact.last_name) == ("Ann Lee", "Ann", "Lee")
    assert (contact.company, contact.zone) == ("Acme", "Europe/Vienna")
    assert contact.tags == ("press", "vip", "x")
    assert contact.attributes == {"grosse": "1,70"}


def test_an_address_beside_an_email_is_where_somebody_lives() -> None:
    file = opened("name,address,email\nAnn,12 Main St,ann@x.org\n")
    assert file.layout.columns == (Field.NAME, "address_2", Field.ADDRESS)
    assert opened("address\nann@x.org\n").layout.columns == (Field.ADDRESS,)


def test_two_columns_of_one_name_are_two_attributes() -> None:
    (row,) = good("email,city,city,email\na@x.org,Wien,Graz,b@x.org\n")
    assert row.contact.address.address == "a@x.org"
    assert row.contact.attributes == {"city": "Wien", "city_3": "Graz", "email": "b@x.org"}


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_marks_line_ends_and_separators_make_no_difference(
    mark: bytes, end: str, delimiter: str
) -> None:
    lines = [["email", "name"], ["a@x.org", "Ä. Lee"], ["b@x.org", "B"]]
    text = end.join(delimiter.join(line) for line in lines)
    rows = good(mark + text.encode())
    assert [(row.line, row.contact.name) for row in rows] == [(2, "Ä. Lee"), (3, "B")]


def test_every_bad_row_is_listed_with_its_line_and_reason() -> None:
    content = (
        "\nemail,name,time zone\n"
        "ok@x.org,Ann,\n"
        "no-address,Bob,\n"
        '"a@x.org","two\nlines",\n'
        ",,\n"
        "c@x.org,C,Mars\n"
        "d@x.org,D,,more\n"
        '"e@x.org"e,E,\n'
        "last@x.org,Z\n"
    )
    rows = list(opened(content).rows)
    assert [row.line for row in rows if isinstance(row, GoodRow)] == [3, 11]
    reasons = {row.line: row.reason for row in rows if isinstance(row, BadRow)}
    assert list(reasons) == [4, 5, 8, 9, 10]
    for line, words in {4: "no @", 5: "line break", 8: "Mars", 9: "4 cells", 10: "quote"}.items():
        assert words in reasons[line]
        assert reasons[line].endswith(".")


def test_a_quote_that_never_closes_costs_one_line_only() -> None:
    content = 'email,name\na@x.org,"Ann\n' + "".join(f"p{n}@x.org,P\n" for n in range(3000))
    rows = list(opened(content).rows)
    assert [row.line for row in rows if isinstance(row, BadRow)] == [2]
    assert len(rows) == 3001


def test_a_file_without_addresses_names_the_header_found() -> None:
    fault = open_contacts(io.BytesIO(b"first,second\n1,2\n"), ZONES)
    assert isinstance(fault, HeaderFault)
    assert "first, second" in fault.text
    empty = open_contacts(io.BytesIO(b"\n \n"), ZONES)
    assert isinstance(empty, HeaderFault)
    assert "empty" in empty.text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"email\na@x.org\nb\xe4@x.org\n", "line 3, octet 2 is 0xE4"),
        ("email\na@x.org\n".encode("utf-16"), "UTF-16"),
        (b"email\na@x.org\nb\0@x.org\n", "Line 3, character 2 is NUL"),
        (b"\x89PNG\r\n\x1a\n", "line 1, octet 1 is 0x89"),
        (b"email\n" + b"x" * (MAX_LINE + 1), "Line 2"),
    ],
)
def test_a_file_that_is_no_text_says_where(content: bytes, words: str) -> None:
    with pytest.raises(NotText, match=words):  # noqa: PT012 - the fault comes while reading
        file = open_contacts(io.BytesIO(content), ZONES)
        if isinstance(file, ContactFile):
            list(file.rows)
        raise AssertionError(file)


def test_only_a_line_at_a_time_is_held() -> None:
    class Endless(io.RawIOBase):
        """Rows without end; reading them all would never return."""

        def __init__(self) -> None:
            self.lines = iter([b"email\n"])

        def readline(self, size: int | None = -1, /) -> bytes:
            return next(self.lines, b"a@x.org\n")

    file = open_contacts(Endless(), ZONES)  # type: ignore[arg-type]
    assert isinstance(file, ContactFile)
    assert isinstance(next(file.rows), GoodRow)


@pytest.mark.parametrize(
    ("header", "delimiter"), [("a,b;c,d", ","), ('"a,b,c";d', ";"), ("a", ",")]
)
def test_the_separator_is_the_one_the_header_has_most_of(header: str, delimiter: str) -> None:
    assert delimiter_of(header) == delimiter


CELLS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=8),
       st.sampled_from(",;\t"))  # fmt: skip
def test_what_a_csv_writer_wrote_is_read_back(rows: list[list[str]], delimiter: str) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    records = read_records(decoded_lines(io.BytesIO(file.getvalue().encode())), delimiter)
    plain = [tuple(cell.removeprefix("\ufeff") for cell in row) for row in rows]
    read = [record.cells for record in records if isinstance(record, Record)]
    assert [tuple(cell.removeprefix("\ufeff") for cell in cells) for cells in read] == plain


@given(st.text(st.sampled_from('a@x.org,"\r\n;'), max_size=80))
def test_every_line_of_any_text_is_accounted_for(text: str) -> None:
    records = list(read_records(decoded_lines(io.BytesIO(text.encode())), ","))
    lines = [record.line for record in records]
    assert lines == sorted(set(lines))
    kept = "".join("".join(r.cells) if isinstance(r, Record) else r.text for r in records)
    for letter in "axorg@;":
        assert kept.count(letter) == text.count(letter)


@pytest.mark.parametrize("cell", ["=1+1", "+43 1", "-5", "@SUM(A1)", "\tx"])
def test_a_formula_is_guarded_and_comes_back_as_it_was(cell: str) -> None:
    guarded = spreadsheet_safe(cell)
    assert guarded == "'" + cell
    (row,) = good(f'email,note\na@x.org,"{guarded}"\n')
    assert row.contact.attributes == {"note": cell.strip()} or cell.startswith("\t")

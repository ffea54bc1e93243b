"""An uploaded file is text in UTF-8, or is refused with the byte that says so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroad.content.source import LARGEST_SOURCE, ImportedSource, NotText, import_source


def test_the_file_name_chooses_the_format() -> None:
    for name, chosen in (("a.HTML", "html"), ("a.htm", "html"), ("a.md", "md"), ("a.txt", "txt")):
        assert import_source(name, b"Hi") == ImportedSource(chosen, "Hi")  # type: ignore[arg-type]


def test_a_byte_order_mark_and_foreign_line_ends_are_taken_off() -> None:
    assert import_source("a.txt", b"\xef\xbb\xbfA\r\nB\rC") == ImportedSource("txt", "A\nB\nC")


@pytest.mark.fault(16)
@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.txt", b"abc\0def", "byte 3"),
        ("a.txt", b"Gr\xfc\xdfe", "byte 2"),
        ("a.txt", b"\xef\xbb\xbfGr\xfc", "byte 5"),
        ("a.txt", "Hällo".encode("utf-16"), "UTF-16"),
        ("a.pdf", b"%PDF", ".pdf"),
        ("letter", b"Hi", "without a suffix"),
        ("a.md", b"x" * (LARGEST_SOURCE + 1), "Shorten"),
    ],
)
def test_a_file_that_is_no_text_is_refused_saying_where(name: str, data: bytes, words: str) -> None:
    refused = import_source(name, data)
    assert isinstance(refused, NotText)
    assert words in refused.reason
    assert refused.reason.endswith(".")


@given(data=st.binary(max_size=60))
def test_any_file_is_imported_or_refused(data: bytes) -> None:
    match import_source("a.txt", data):
        case ImportedSource(text=text):
            assert "\r" not in text
            assert data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n") == text
        case NotText(reason=reason):
            assert "byte" in reason

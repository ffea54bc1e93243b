"""A prepared mail is read back as its receiver sees it; any other mail is read without a fall."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroad.content.attachment import FileSpec
from postroad.content.checks import Severity, check_content, check_mail
from postroad.content.message import RevisionSpec
from postroad.content.reading import ReadAttachment, ReadMail, greeting_of, read_mail
from tests.content.build import a_recipient, a_revision, bytes_of


def test_a_prepared_mail_reads_back() -> None:
    files = (FileSpec("Lebenslauf – ä.pdf", "application/pdf", b"%PDF\0"),)
    revision = a_revision("Dear **{{ name }}**", "md", subject="Grüße, {{ name }}", files=files)
    mail = read_mail(
        b"Date: Mon, 1 Jun 2026 10:00:00 +0000\r\n" + bytes_of(revision, a_recipient("Zoë"))
    )
    assert mail.subject == "Grüße, Zoë"
    assert mail.to == "Zoë <ann@example.org>"
    assert mail.from_ == "Jane Doe <jane@example.com>"
    assert mail.text == "Dear **Zoë**\n"
    assert "<strong>Zoë</strong>" in mail.html
    digest = hashlib.sha256(b"%PDF\0").digest()
    assert mail.attachments == (ReadAttachment("Lebenslauf – ä.pdf", "application/pdf", 5, digest),)
    assert mail.defects == ()
    assert mail.headers[1] == ("Message-ID", "<r7.1.abc@mail.example.com>")


@given(
    data=st.binary(max_size=400)
    | st.text(st.sampled_from(list('To:Subject=?utf-8bq\r\n <>@;,"()')), max_size=200).map(
        str.encode
    )
)
def test_any_bytes_are_read_without_a_fall(data: bytes) -> None:
    mail = read_mail(data)
    assert isinstance(mail.subject, str)


@pytest.mark.parametrize(
    ("text", "greeting"),
    [("\n \n  Dear\tAnn,\nI", "Dear Ann,"), ("", ""), ("x" * 200, "x" * 119 + "…")],
)
def test_the_greeting_is_the_first_line_that_is_not_blank(text: str, greeting: str) -> None:
    assert greeting_of(text) == greeting


def found(spec: RevisionSpec, *, is_bulk: bool = False) -> set[tuple[str, str]]:
    return {(f.severity.value, f.name) for f in check_content(spec, is_bulk=is_bulk)}


def a_mail(text: str = "Hi", html: str = "<p>Hi</p>", subject: str = "S") -> ReadMail:
    return ReadMail(subject, "", "", text, html, (), (), ())


def test_a_good_content_has_no_findings() -> None:
    source = "{{ unsubscribe_url }} {{ postal_address }}"
    assert found(RevisionSpec("S", "txt", source), is_bulk=True) == set()
    assert check_mail(a_mail(), 1000) == []


def test_a_bulk_content_needs_a_way_out_and_names_its_sender() -> None:
    assert found(RevisionSpec("S", "txt", "Hi"), is_bulk=True) == {
        ("red", "unsubscribe"),
        ("yellow", "postal_address"),
    }
    assert found(RevisionSpec("S", "txt", "Hi")) == set()


def test_files_that_receivers_refuse_are_found() -> None:
    def with_file(name: str, size: int) -> RevisionSpec:
        return RevisionSpec("S", "txt", "Hi", files=(FileSpec(name, "x/y", b"x" * size),))

    megabyte = 1024 * 1024
    assert found(with_file("a.pdf", 10 * megabyte)) == set()
    assert found(with_file("a.pdf", 11 * megabyte)) == {("yellow", "files")}
    assert found(with_file("a.pdf", 26 * megabyte)) == {("red", "files")}
    assert found(with_file("a.PDF.exe", 1)) == {("yellow", "executable")}


@pytest.mark.parametrize(
    ("mail", "size", "severity", "name"),
    [
        (a_mail(subject=" "), 1, Severity.RED, "subject"),
        (a_mail(text=" "), 1, Severity.RED, "text"),
        (a_mail(text="", html=""), 1, Severity.RED, "empty"),
        (a_mail(text="Dear {{ name }}"), 1, Severity.RED, "braces"),
        (a_mail(html="x" * 105_000), 1, Severity.YELLOW, "clipped"),
        (a_mail(), 27 * 1024 * 1024, Severity.RED, "size"),
        (a_mail(html="<a href='http://x.example'>x</a>"), 1, Severity.YELLOW, "http"),
        (a_mail(html="<a href='javascript:alert(1)'>x</a>"), 1, Severity.RED, "link"),
    ],
)
def test_each_fault_of_a_mail_is_found(
    mail: ReadMail, size: int, severity: Severity, name: str
) -> None:
    (finding,) = check_mail(mail, size)
    assert (finding.severity, finding.name) == (severity, name)

"""What goes out is what the manager and the data said, in bytes that every reader accepts."""

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroad.content.attachment import FileSpec
from postroad.core.mail import Failed, Prepared, Sender
from postroad.core.variables import header_problem
from tests.content.build import (
    SENDER,
    UNSUBSCRIBE,
    a_recipient,
    a_revision,
    bytes_of,
    faults_of,
    prepare,
    strictly,
    text_of,
)

CHARACTERS = st.characters(exclude_categories=["Cs"])
ONE_LINE = st.text(CHARACTERS, max_size=200).filter(lambda text: header_problem(text) is None)
ONE_WORD = 41
"""Octets of a name that go into one encoded word of the To header."""
BODIES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=2000)


def assert_is_well_formed(data: bytes) -> None:
    assert data.isascii()
    assert data.endswith(b"\r\n")
    assert b"\r" not in data.replace(b"\r\n", b"")
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert max(map(len, data.split(b"\r\n"))) <= 998


@given(subject=ONE_LINE, name=ONE_LINE)
def test_any_subject_and_name_come_back_as_they_were(subject: str, name: str) -> None:
    revision = a_revision("Text", subject="{{ s }}!")
    result = prepare(revision, a_recipient(name, s=subject))
    if not subject.strip():
        assert isinstance(result, Failed)
        return
    data = bytes_of(revision, a_recipient(name, s=subject))
    assert_is_well_formed(data)
    message = strictly(data)
    assert message["Subject"] == f"{subject}!".strip()
    (mailbox,) = message["To"].addresses
    written = " ".join(part for part in name.strip().split(" ") if part)
    if len(written.encode()) <= ONE_WORD:
        assert mailbox.display_name == written
    else:  # The reader puts a space between encoded words of a phrase (not so RFC 2047, 6.2).
        assert mailbox.display_name.replace(" ", "") == written.replace(" ", "")
    assert mailbox.addr_spec == "ann@example.org"
    assert list(message.keys()) == [
        "Message-ID",
        "From",
        "To",
        "Subject",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
    ]


@given(value=BODIES)
def test_any_value_comes_back_in_text_and_html(value: str) -> None:
    revision = a_revision("<p>[{{ v }}]</p>", "html", text_source="[{{ v }}]")
    if not value.strip():
        assert isinstance(prepare(revision, a_recipient(v=value)), Failed)
        return
    data = bytes_of(revision, a_recipient(v=value))
    assert_is_well_formed(data)
    assert max(map(len, data.split(b"\r\n"))) <= 78
    message = strictly(data)
    lines = value.replace("\r\n", "\n").replace("\r", "\n")
    assert text_of(message).removesuffix("\n") == f"[{lines}]"
    assert unescape_all(text_of(message, "html")).removesuffix("\n") == f"<p>[{lines}]</p>"
    assert "<" not in text_of(message, "html").removeprefix("<p>").rsplit("</p>", 1)[0]


def unescape_all(text: str) -> str:
    """What the five escapes stand for; `html.unescape` would also mend raw text."""
    for escaped, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#x27;", "'")):
        text = text.replace(escaped, sign)
    return text.replace("&amp;", "&")


@given(text=BODIES)
def test_any_literal_text_comes_back(text: str) -> None:
    source = "x{% raw %}" + text.replace("{%", "{ %") + "{% endraw %}"
    message = strictly(bytes_of(a_revision(source), a_recipient()))
    lines = text.replace("{%", "{ %").replace("\r\n", "\n").replace("\r", "\n")
    assert text_of(message).rstrip("\n") == f"x{lines}".rstrip("\n")


@given(
    name=st.text(CHARACTERS, min_size=1, max_size=120).filter(
        lambda text: header_problem(text) is None and text.strip() and not set(text) & {"/", "\\"}
    ),
    data=st.binary(max_size=500),
)
def test_any_attachment_comes_back_byte_identical(name: str, data: bytes) -> None:
    files = (FileSpec(name, "application/pdf", data), FileSpec("b.txt", "text/plain", b"B\r\n\nB"))
    whole = bytes_of(a_revision("<p>Hi</p>", "html", files=files), a_recipient())
    assert_is_well_formed(whole)
    message = strictly(whole)
    first, second = message.iter_attachments()
    assert first.get_filename() == name.strip()
    assert first.get_content_type() == "application/pdf"
    assert first.get_payload(decode=True) == data
    assert second.get_payload(decode=True) == b"B\r\n\nB"
    assert message.get_content_type() == "multipart/mixed"


@given(value=st.text(max_size=40), variable=st.sampled_from(["name", "address", "s", "sender"]))
def test_nothing_in_the_data_adds_a_header_line(value: str, variable: str) -> None:
    revision = a_revision("Text", subject="About {{ s }}")
    recipient = a_recipient(s="x")
    sender = SENDER
    match variable:
        case "name":
            recipient = a_recipient(value, s="x")
        case "address":
            recipient = a_recipient(address=value, s="x")
        case "s":
            recipient = a_recipient(s=value)
        case _:
            sender = Sender(value, "jane@example.com")
    result = prepare(revision, recipient, sender)
    if header_problem(value) is not None:
        assert isinstance(result, Failed)
    if isinstance(result, Prepared):
        names = re.findall(rb"^([A-Za-z-]+):", result.head.split(b"\r\n\r\n")[0], re.MULTILINE)
        assert len(names) == 7


@pytest.mark.parametrize("sign", ["\r", "\n", "\r\n", "\u2028", "\u2029", "\x85", "\x0b"])
def test_a_line_break_in_a_name_fails_the_mail_and_is_named(sign: str) -> None:
    result = prepare(a_revision("Text"), a_recipient(f"Ann{sign}Bcc: eve@example.org"))
    assert isinstance(result, Failed)
    assert result.cause == "line break in name"


@pytest.mark.parametrize(
    ("sign", "cause"),
    [("\0", "control character"), ("\t", "control character"), ("\ud800", "broken text")],
)
def test_a_control_character_in_a_subject_value_fails_the_mail_and_is_named(
    sign: str, cause: str
) -> None:
    result = prepare(a_revision("Text", subject="{{ company }}"), a_recipient(company=f"A{sign}B"))
    assert isinstance(result, Failed)
    assert result.cause == f"{cause} in company"


def test_half_a_surrogate_pair_in_a_body_fails_the_mail() -> None:
    result = prepare(a_revision("{{ company }}"), a_recipient(company=["A\ud800"]))
    assert isinstance(result, Failed)
    assert result.cause == "broken text in company"


def test_a_line_break_written_into_the_subject_is_a_fault_with_its_place() -> None:
    (fault,) = faults_of("Text", subject="Hello\nBcc: eve@example.org")
    assert (fault.part, fault.line, fault.column) == ("subject", 1, 6)
    result = prepare(a_revision("Text", subject=r"{{ 'a\nBcc: b' }}"), a_recipient())
    assert isinstance(result, Failed)
    assert result.cause == "line break in subject"


def test_an_address_that_is_none_fails_the_mail() -> None:
    for address in ("", "ann", "ann@", "ann@example.org, eve@example.org", "<ann@example.org>"):
        result = prepare(a_revision("Text"), a_recipient(address=address))
        assert isinstance(result, Failed)
        assert result.cause == "address is not valid"


def test_a_domain_beyond_ascii_is_written_in_a_labels() -> None:
    data = bytes_of(a_revision("Text"), a_recipient(address="ann@bücher.example"))
    assert b"<ann@xn--bcher-kva.example>" in data


def test_a_bulk_mail_has_the_headers_of_one_click_unsubscription_and_a_personal_one_has_none() -> (
    None
):
    revision = a_revision("Out: {{ unsubscribe_url }}")
    message = strictly(bytes_of(revision, a_recipient(unsubscribe_url=UNSUBSCRIBE)))
    assert message["List-Unsubscribe"] == f"<{UNSUBSCRIBE}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Id"] == "<postroad.example.com>"
    assert UNSUBSCRIBE in text_of(message)
    personal = strictly(bytes_of(a_revision("Text"), a_recipient()))
    assert not [name for name in personal if name.startswith("List-")]


def test_hash_and_size_are_of_the_whole_mail() -> None:
    revision = a_revision("Text", files=(FileSpec("a.bin", "x", b"\0\1"),))
    result = prepare(revision, a_recipient())
    assert isinstance(result, Prepared)
    whole = result.head + revision.tail
    assert result.size == len(whole)
    assert result.sha256 == hashlib.sha256(whole).digest()
    assert b"Date:" not in result.head


def test_preparing_twice_gives_the_same_bytes() -> None:
    first, second = (a_revision("Hi {{ name }}", boundary_seed="7") for _ in range(2))
    assert bytes_of(first, a_recipient()) == bytes_of(second, a_recipient())


def test_the_key_header_is_written_only_when_asked_for() -> None:
    assert b"X-Postroad-Key" not in bytes_of(a_revision("Text"), a_recipient())
    message = strictly(bytes_of(a_revision("Text", with_key_header=True), a_recipient()))
    assert message["X-Postroad-Key"] == "1"


def test_a_file_whose_name_is_a_path_or_holds_a_line_break_is_refused() -> None:
    for name in ("../etc/passwd", "a\\b", "a\r\nb", "", "a\u2028b"):
        (fault,) = faults_of("Text", files=(FileSpec(name, "text/plain", b"x"),))
        assert fault.part == "files"


def test_a_media_type_cannot_add_a_header() -> None:
    for media_type in ("text/plain\r\nBcc: x", "message/rfc822", "nonsense", ""):
        data = bytes_of(a_revision("T", files=(FileSpec("a", media_type, b"x"),)), a_recipient())
        (part,) = strictly(data).iter_attachments()
        assert part.get_content_type() == "application/octet-stream"


def test_a_bad_sender_fails_every_mail_with_one_cause() -> None:
    results = a_revision("Text").prepare(Sender("Jane", "jane"), [a_recipient(), a_recipient()])
    assert [getattr(result, "cause", "") for result in results] == [
        "sender address is not valid"
    ] * 2


def test_results_come_in_the_order_of_the_recipients() -> None:
    revision = a_revision("Hi {{ company }}")
    results = revision.prepare(
        SENDER, [a_recipient(company="A"), a_recipient(), a_recipient(company="B")]
    )
    assert [type(result).__name__ for result in results] == ["Prepared", "Failed", "Prepared"]


def test_any_variable_name_can_be_used() -> None:
    for name in (
        "template_name",
        "source",
        "args",
        "kwargs",
        "values",
        "part",
        "straße",
        "context",
    ):
        data = bytes_of(a_revision(f"[{{{{ {name} }}}}]"), a_recipient(**{name: "ok"}))
        assert "[ok]" in text_of(strictly(data))

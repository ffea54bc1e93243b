import re
import unicodedata
from importlib.resources import files

import pytest

from postroad.cli.demo.people import PEOPLE, demo_faults, demo_people
from postroad.cli.demo.proof import mail_fault
from postroad.cli.demo.resume import FILE_NAME, resume_pdf
from postroad.core.address import Address, parse_address
from postroad.store.embedded import EmbeddedServer

from .rig import Cli, eventually, kill, line_with


def test_the_demo_ends_by_itself_with_everybody_accounted_for(alone: Cli) -> None:
    done = alone.run("demo", "--once")
    assert done.returncode == 0, done.stdout + done.stderr + alone.logs()
    assert "Adds up: 200 recipients = 200 in all states." in done.stdout
    assert "Proved: 198 accepted mails" in done.stdout
    assert "6 were refused for now" in done.stdout
    for state, count in (("accepted", 198), ("rejected", 1), ("dead", 1)):
        assert re.search(rf"{state} +│ +{count} ", done.stdout)
    assert eventually(lambda: not alone.processes())
    assert EmbeddedServer(alone.home).status().state == "stopped"


@pytest.mark.chaos
def test_the_demo_adds_up_when_a_worker_and_the_database_are_killed_in_it(alone: Cli) -> None:
    with alone.started("demo", "--once") as demo:
        line_with(demo, "^Launch")
        kill(alone.state().children["worker-1"].pid)
        kill(EmbeddedServer(alone.home).status().pid)
        assert "200 recipients" in line_with(demo, "Adds up.*")[0]
        line_with(demo, "^Proved")
        assert demo.wait(60) == 0


def test_the_demo_book_belongs_to_nobody_and_is_written_in_many_scripts() -> None:
    people = demo_people()
    assert people == demo_people()
    assert len({one.address for one in people}) == PEOPLE
    assert all(isinstance(parse_address(one.address), Address) for one in people)
    assert all(one.address.endswith(".example") for one in people)
    scripts = {unicodedata.name(one.name[0]).split()[0] for one in people if one.name}
    assert scripts >= {"LATIN", "CYRILLIC", "GREEK", "CJK", "HANGUL", "HEBREW", "ARABIC"}
    assert sum(not one.company for one in people) >= 10
    assert sum(not one.first_name for one in people) >= 5


def test_the_demo_relay_refuses_people_of_the_book() -> None:
    addresses = {one.address for one in demo_people()}
    rules = demo_faults().rules
    assert {rule.match for rule in rules} <= addresses
    assert sorted(rule.reply[:9] for rule in rules) == ["451 4.2.1"] * 6 + [
        "550 5.1.1",
        "552 5.3.4",
    ]


def test_the_resume_is_a_sound_pdf() -> None:
    pdf = resume_pdf()
    assert pdf == resume_pdf()
    assert pdf.startswith(b"%PDF-1.4\n")
    assert pdf.endswith(b"%%EOF\n")
    start = int(pdf.rsplit(b"startxref\n", 1)[1].split()[0])
    assert pdf[start:].startswith(b"xref\n0 ")
    entries = re.findall(rb"(\d{10}) 00000 n \n", pdf[start:])
    for number, offset in enumerate(entries, start=1):
        assert pdf[int(offset) :].startswith(b"%d 0 obj\n" % number)
    stream = pdf.split(b"stream\n", 1)[1].split(b"\nendstream")[0]
    assert int(re.findall(rb"/Length (\d+)", pdf)[0]) == len(stream)
    assert b"?" not in stream.replace(b"(?)", b"")


def test_the_letter_is_a_file_that_names_its_reader() -> None:
    letter = files("postroad.cli.demo").joinpath("letter.md").read_text(encoding="utf-8")
    assert "{{ first_name }}" in letter
    assert "{{ company }}" in letter


MAIL = (
    b"From: a@example.org\r\nTo: b@example.org\r\nSubject: Hi\r\nMessage-ID: <1@example.org>\r\n"
    b"Date: Tue, 24 Nov 2026 05:15:21 -0000\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n"
    b"Content-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n"
    b"Content-Type: text/plain\r\n\r\n"
    b"Mara Lindqvist\r\n--a\r\nContent-Type: text/html\r\n\r\nMara Lindqvist\r\n--a--\r\n--m\r\n"
    b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n"
    b'Content-Disposition: attachment; filename="cv.pdf"\r\n\r\nYWJj\r\n--m--\r\n'
)


def test_the_proof_finds_what_is_not_as_it_was_sent() -> None:
    def fault(mail: bytes, recipient: str = "b@example.org") -> str | None:
        return mail_fault(mail, recipient, "cv.pdf", b"abc")

    assert fault(MAIL) is None
    assert fault(MAIL, "c@example.org") == "it is addressed to somebody else"
    assert fault(MAIL.replace(b"YWJj", b"YWJk")) == "the attachment is not what was sent"
    assert fault(MAIL.replace(b"--m--", b"")) is not None
    assert fault(MAIL.replace(b"Date:", b"X-Date:")) == "it has not exactly one Date"
    assert fault(MAIL.replace(b"text/html", b"text/xml")) is not None
    assert FILE_NAME.endswith(".pdf")

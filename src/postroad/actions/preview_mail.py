"""One mail as a real person would get it, made by the stage that makes all of them."""

from dataclasses import dataclass, replace

from postroad.content.checks import Finding, check_mail
from postroad.content.fault import TemplateFault
from postroad.content.message import RevisionSpec, compile_revision
from postroad.content.reading import ReadMail, read_mail
from postroad.core.greeting import greeting_of
from postroad.core.mail import Failed, Prepared, Recipient, Sender, Skipped


@dataclass(frozen=True, slots=True)
class Shown:
    """`size` in octets of the whole, attachments encoded. The mail is read back without them."""

    mail: ReadMail
    size: int
    greeting: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class NotMade:
    """The person gets no mail; the text says why and what to do."""

    cause: str
    text: str
    is_skipped: bool


@dataclass(frozen=True, slots=True)
class Unsound:
    """The content has faults, so nobody gets a mail."""

    faults: tuple[TemplateFault, ...]


Preview = Shown | NotMade | Unsound


def preview_mail(
    spec: RevisionSpec, file_sizes: tuple[int, ...], sender: Sender, recipient: Recipient
) -> Preview:
    """Reads and writes nothing. The files' octets are not needed, only how many they are."""
    compiled = compile_revision(replace(spec, files=()))
    if isinstance(compiled, list):
        return Unsound(tuple(compiled))
    (made,) = compiled.prepare(sender, [recipient])
    match made:
        case Prepared():
            mail = read_mail(made.head + compiled.tail)
            size = made.size + sum(map(_encoded, file_sizes))
            return Shown(mail, size, greeting_of(mail.text), tuple(check_mail(mail, size)))
        case Failed(_, cause, text):
            return NotMade(cause, text, is_skipped=False)
        case Skipped(_, cause, text):
            return NotMade(cause, text, is_skipped=True)


def _encoded(size: int) -> int:
    """Octets of a file in base64, its line breaks included (RFC 2045, 6.8)."""
    return -(-size // 3) * 4 + -(-size // 57) * 2

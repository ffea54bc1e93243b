"""Recipients, senders and revisions for the content tests."""

from collections.abc import Mapping
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from postroad.content.attachment import FileSpec
from postroad.content.fault import TemplateFault
from postroad.content.message import CompiledRevision, RevisionSpec, compile_revision
from postroad.content.source import Format
from postroad.core.mail import Preparation, Prepared, Recipient, Sender
from postroad.core.variables import VariablePolicy

SENDER = Sender("Jane Doe", "jane@example.com")
UNSUBSCRIBE = "https://mail.example.com/p/abc123/unsubscribe"


def a_recipient(
    name: str = "Ann Lee",
    address: str = "ann@example.org",
    unsubscribe_url: str = "",
    message_id: str = "r7.1.abc@mail.example.com",
    **data: object,
) -> Recipient:
    return Recipient(1, address, name, data, message_id, unsubscribe_url)


def a_revision(
    source: str,
    source_format: Format = "txt",
    subject: str = "Hello",
    policies: Mapping[str, VariablePolicy] | None = None,
    files: tuple[FileSpec, ...] = (),
    **options: Any,
) -> CompiledRevision:
    spec = RevisionSpec(
        subject, source_format, source, policies=policies or {}, files=files, **options
    )
    compiled = compile_revision(spec)
    assert isinstance(compiled, CompiledRevision), compiled
    return compiled


def faults_of(source: str, source_format: Format = "txt", **options: Any) -> list[TemplateFault]:
    subject = options.pop("subject", "Hello")
    compiled = compile_revision(RevisionSpec(subject, source_format, source, **options))
    assert isinstance(compiled, list)
    return compiled


def prepare(
    revision: CompiledRevision, recipient: Recipient, sender: Sender = SENDER
) -> Preparation:
    (result,) = revision.prepare(sender, [recipient])
    return result


def bytes_of(revision: CompiledRevision, recipient: Recipient, sender: Sender = SENDER) -> bytes:
    """The whole mail as it will be sent, Date apart."""
    result = prepare(revision, recipient, sender)
    assert isinstance(result, Prepared), result
    return result.head + revision.tail


def strictly(data: bytes) -> EmailMessage:
    """The mail read by a parser that raises at the least defect."""
    message = message_from_bytes(data, policy=policy.strict)
    for part in message.walk():
        for value in part.values():
            assert not getattr(value, "defects", ()), value
    return message


def text_of(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None
    content: str = part.get_content()
    return content.replace("\r\n", "\n")

"""A content revision, compiled once; then every mail from static and rendered pieces.

Nothing is parsed or built per mail: three templates whose literal text is
already quoted-printable are rendered, and put between prebuilt MIME pieces.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from minijinja import TemplateError

from postroad.content.attachment import FileSpec, file_faults
from postroad.content.fault import FaultKind, Places, TemplateFault
from postroad.content.header import address_field, text_field
from postroad.content.markdown import html_of_markdown
from postroad.content.plain import text_of_html
from postroad.content.quoted import quote_html, quote_text, without_gaps
from postroad.content.segment import Kind, Segment, join, tidy
from postroad.content.skeleton import Skeleton, make_skeleton
from postroad.content.source import Format
from postroad.content.template import (
    Cut,
    Renderer,
    ValueFault,
    VariableUse,
    compile_template,
    cut_template,
    fault_of_rendering,
)
from postroad.content.values import Filling
from postroad.core.address import BadAddress, parse_address
from postroad.core.mail import Failed, Preparation, Prepared, Recipient, Sender, Skipped
from postroad.core.variables import Policy, VariablePolicy, header_problem

LONGEST_SUBJECT = 998
"""Characters; a header line has no more (RFC 5322, 2.1.1)."""

LONGEST_MARKDOWN = 200_000
"""Characters. Hostile Markdown takes time by the square; this is seconds, not hours."""


@dataclass(frozen=True, slots=True)
class RevisionSpec:
    """What the manager wrote. `text_source` '' means: make the text from `source`.

    `boundary_seed` is any text that stays the same for this revision.
    `list_id` is the List-Id of bulk mails, '' for one made from the sender's domain.
    """

    subject: str
    format: Format
    source: str
    text_source: str = ""
    policies: Mapping[str, VariablePolicy] = field(default_factory=dict)
    files: tuple[FileSpec, ...] = ()
    boundary_seed: str = ""
    list_id: str = ""
    with_key_header: bool = False
    """Writes X-Postroad-Key, the delivery's number, for counting at the receiver."""


def compile_revision(spec: RevisionSpec) -> "CompiledRevision | list[TemplateFault]":
    """The revision ready to prepare mails, or everything that is wrong with it."""
    faults = file_faults(spec.files) + _subject_faults(spec.subject)
    if spec.format == "md" and len(spec.source) > LONGEST_MARKDOWN:
        text = f"Markdown may have {LONGEST_MARKDOWN:,} characters. Shorten it, or upload HTML."
        faults.append(TemplateFault(FaultKind.TOO_LARGE, 0, 0, text))
    subject = cut_template(spec.subject.strip(), "subject")
    body = cut_template(spec.source, "body")
    own_text = cut_template(spec.text_source, "text") if _has_own_text(spec) else None
    for cut in (subject, body, own_text):
        if isinstance(cut, list):
            faults += cut
    if faults or isinstance(subject, list) or isinstance(body, list) or isinstance(own_text, list):
        return faults
    return _compile(spec, subject, body, own_text)


def _has_own_text(spec: RevisionSpec) -> bool:
    return spec.format != "txt" and bool(spec.text_source.strip())


def _subject_faults(subject: str) -> list[TemplateFault]:
    stripped = subject.strip()
    problem = header_problem(stripped)
    if problem is None:
        return []
    places = Places(stripped)
    at = next(place for place, sign in enumerate(stripped) if header_problem(sign))
    text = f"There is a {problem} in the subject. Write it in one line."
    return [TemplateFault(FaultKind.HEADER, *places.at(at), text, part="subject")]


def _compile(
    spec: RevisionSpec, subject: Cut, body: Cut, own_text: Cut | None
) -> "CompiledRevision | list[TemplateFault]":
    html = _html_segments(spec.format, body)
    text = _text_segments(spec.format, body, own_text)
    is_made = spec.format == "html" and own_text is None
    try:
        html_template = join(html, quote_text) if html else ""
        text_template = join(text, quote_text)
        text_renderer = compile_template(text_template, quote_text)
        renderers = Renderers(
            compile_template(join(tidy(subject.segments), _literal), str),
            _without_gaps(text_renderer) if is_made else text_renderer,
            compile_template(html_template, quote_html) if html else None,
        )
    except TemplateError:
        advice = "No text version can be made from this HTML. Write a text version."
        return [TemplateFault(FaultKind.SYNTAX, 0, 0, advice, part="text")]
    except ValueFault as fault:
        text_of_fault = f"There is a {fault} in the text. Take it out."
        return [TemplateFault(FaultKind.SYNTAX, 0, 0, text_of_fault)]
    uses = (*subject.uses, *body.uses, *(own_text.uses if own_text else ()))
    names = tuple(dict.fromkeys(use.name for use in uses))
    filling = Filling(names, frozenset(subject.names), dict(spec.policies))
    skeleton = make_skeleton(spec.boundary_seed, spec.files, has_html=bool(html))
    static_size = skeleton.size + len(html_template) + len(text_template)
    return CompiledRevision(spec, renderers, skeleton, filling, uses, static_size)


def _without_gaps(render: Renderer) -> Renderer:
    return lambda values: without_gaps(render(values))


def _html_segments(source_format: Format, body: Cut) -> list[Segment]:
    match source_format:
        case "html":
            return _ended(tidy(body.segments))
        case "md":
            return html_of_markdown(list(body.segments))
        case "txt":
            return []


def _text_segments(source_format: Format, body: Cut, own_text: Cut | None) -> list[Segment]:
    if own_text is not None:
        return _ended(tidy(own_text.segments))
    if source_format == "html":
        return _ended(text_of_html(list(body.segments)))
    return _ended(tidy(body.segments))


def _ended(segments: list[Segment]) -> list[Segment]:
    """With a line break at the end, so that a boundary can follow."""
    ends = segments and segments[-1].kind is Kind.TEXT and segments[-1].body.endswith("\n")
    return segments if ends else [*segments, Segment(Kind.TEXT, "\n", 0)]


def _literal(text: str) -> str:
    """Text of a template that is rendered as it is; braces out of a raw block are printed."""
    return re.sub(r"\{(?=[{%#])|\{$", '{{ "{" }}', text)


@dataclass(frozen=True, slots=True)
class Renderers:
    subject: Renderer
    text: Renderer
    html: Renderer | None


_MESSAGE_ID = re.compile(r"[!-;=?-~]{3,900}")
_URL = re.compile(r"https?://[!-;=?-~]{1,900}")


class CompiledRevision:
    """A `core.mail.Preparer`. Pure and safe in any thread."""

    def __init__(
        self,
        spec: RevisionSpec,
        renderers: Renderers,
        skeleton: Skeleton,
        filling: Filling,
        uses: Sequence[VariableUse],
        static_size: int,
    ) -> None:
        self.used_variables = tuple(filling.names)
        """Names, in the order of their first use."""
        self.static_size = static_size
        """Octets of a mail without its headers and values: the estimate for batches."""
        self._spec = spec
        self._renderers = renderers
        self._skeleton = skeleton
        self._filling = filling
        self._places = {use.name: use for use in reversed(uses)}

    @property
    def tail(self) -> bytes:
        """The attachments' parts and the closing boundary; b'' for text alone."""
        return self._skeleton.tail

    def prepare(self, sender: Sender, recipients: Sequence[Recipient]) -> list[Preparation]:
        """One result a recipient, in order. Never raises for bad data or templates."""
        try:
            frame = _Frame(sender, self._spec)
        except ValueFault as fault:
            return [_failed(recipient.n, str(fault)) for recipient in recipients]
        return [self._prepare_one(frame, recipient) for recipient in recipients]

    def _prepare_one(self, frame: "_Frame", recipient: Recipient) -> Preparation:
        try:
            values = self._filling.values_for(frame.sender, recipient)
            head = self._head(frame, recipient, values)
        except (ValueFault, TemplateError) as error:
            return self._not_prepared(recipient.n, error)
        digest = hashlib.sha256(head)
        digest.update(self.tail)
        return Prepared(recipient.n, head, len(head) + len(self.tail), digest.digest())

    def _head(self, frame: "_Frame", recipient: Recipient, values: Mapping[str, object]) -> bytes:
        skeleton, renderers = self._skeleton, self._renderers
        headers = frame.headers(recipient, renderers.subject(values))
        text = renderers.text(values)
        html = renderers.html(values) if renderers.html else ""
        parts = (headers, skeleton.before_text, text, skeleton.before_html, html, skeleton.after)
        return "".join(parts).encode()

    def _not_prepared(self, n: int, error: Exception) -> Preparation:
        fault = fault_of_rendering(error)
        if not fault.variable:
            return _failed(n, fault.cause)
        name = re.split(r"[.\[]", fault.variable)[0]
        use = self._places.get(name)
        place = f" (line {use.line}, column {use.column})" if use else ""
        if self._filling.policy_of(name) is Policy.SKIP:
            return Skipped(n, fault.cause, f"Left out, because {fault.variable} is missing{place}.")
        text = (
            f"The mail needs {fault.variable}{place}, and this contact has none. "
            "Give the contact a value, or set a default for the variable."
        )
        return Failed(n, fault.cause, text)


class _Frame:
    """The headers that are the same for all recipients of one call."""

    def __init__(self, sender: Sender, spec: RevisionSpec) -> None:
        self.sender = sender
        self._from = address_field("From", *_mailbox(sender.name, sender.address, "sender "))
        self._reply_to = ""
        if sender.reply_to:
            reply_to = _mailbox("", sender.reply_to, "reply ")
            self._reply_to = address_field("Reply-To", *reply_to)
        domain = sender.address.rpartition("@")[2].lower()
        self._list_id = spec.list_id or f"postroad.{domain if domain.isascii() else 'invalid'}"
        if not _MESSAGE_ID.fullmatch(self._list_id):
            raise ValueFault("list id is not valid")
        self._with_key = spec.with_key_header

    def headers(self, recipient: Recipient, subject: str) -> str:
        """All header fields, Date apart. Raises ValueFault for what can't be a header."""
        problem = header_problem(subject)
        if problem:
            raise ValueFault(f"{problem} in subject")
        if len(subject) > LONGEST_SUBJECT:
            raise ValueFault("subject is too long")
        if not _MESSAGE_ID.fullmatch(recipient.message_id):
            raise ValueFault("message id is not valid")
        to = address_field("To", *_mailbox(recipient.name, recipient.address))
        key = f"X-Postroad-Key: {recipient.n}\r\n" if self._with_key else ""
        return (
            f"Message-ID: <{recipient.message_id}>\r\n{self._from}{to}{self._reply_to}"
            f"{text_field('Subject', subject)}{self._list_fields(recipient)}{key}"
        )

    def _list_fields(self, recipient: Recipient) -> str:
        """RFC 2369, RFC 8058 and RFC 2919; on one line each, for folding breaks readers."""
        if not recipient.unsubscribe_url:
            return ""
        if not _URL.fullmatch(recipient.unsubscribe_url):
            raise ValueFault("unsubscribe address is not valid")
        return (
            f"List-Unsubscribe: <{recipient.unsubscribe_url}>\r\n"
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
            f"List-Id: <{self._list_id}>\r\n"
        )


def _mailbox(name: str, address: str, whose: str = "") -> tuple[str, str]:
    """Display name and address as a header may hold them. Raises ValueFault naming the fault."""
    problem = header_problem(name)
    if problem:
        raise ValueFault(f"{problem} in {whose}name")
    problem = header_problem(address)
    if problem:
        raise ValueFault(f"{problem} in {whose}address")
    parsed = parse_address(address)
    if isinstance(parsed, BadAddress):
        raise ValueFault(f"{whose}address is not valid")
    return name, parsed.address


def _failed(n: int, cause: str) -> Failed:
    return Failed(n, cause, f"The mail can't be made: {cause}. {_advice(cause)}")


def _advice(cause: str) -> str:
    if cause.startswith("template"):
        return "Mend the content."
    if "sender " in cause or "reply " in cause or "list id" in cause:
        return "Mend the sender of the campaign."
    if cause in ("subject is too long", "mail is too large") or "whole" in cause:
        return "Mend the content, or shorten the contact's data."
    return "Mend the contact's data."

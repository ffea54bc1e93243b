"""A template cut into literal text and tags, with the tags' tokens and places.

The template engine only ever sees what this module put together again from
tokens that it knows: the fence (`fence.py`) judges exactly those.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from postroad.content.fault import FaultKind, Places, TemplateFault

MOST_FAULTS = 50
"""Cutting stops here: one wrong quote can make a fault of every later tag."""

MOST_TAGS = 10_000

MOST_TOKENS = 200
"""In one tag; a chain of operators nests the engine's stack."""

LONGEST_STRING = 2000


class Kind(StrEnum):
    TEXT = "text"
    EXPRESSION = "expression"
    STATEMENT = "statement"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    """'name', 'number', 'string' or 'operator'."""
    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class Segment:
    """`body` is the literal text, or a tag's code without its delimiters."""

    kind: Kind
    body: str
    offset: int
    tokens: tuple[Token, ...] = ()
    trims_before: bool = False
    trims_after: bool = False
    keeps_line: bool = False
    """A '+' in the delimiters: white space around stays as written."""


_OPEN = re.compile(r"(\{\{|\{%|\{#)([-+]?)")
_CLOSE = {"{{": re.compile(r"([-+]?)\}\}"), "{%": re.compile(r"([-+]?)%\}")}
_KIND = {"{{": Kind.EXPRESSION, "{%": Kind.STATEMENT}
_TOKEN = re.compile(
    rf"""(?P<string>"(?:\\.|[^"\\]){{0,{LONGEST_STRING}}}"|'(?:\\.|[^'\\]){{0,{LONGEST_STRING}}}')
    |(?P<number>\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<name>[^\W\d]\w*)
    |(?P<operator>\*\*|//|==|!=|<=|>=|[-+*/%~|.,:()\[\]{{}}<>=])""",
    re.DOTALL | re.VERBOSE,
)
_SPACE = re.compile(r"\s*")
_END_RAW = re.compile(r"\{%([-+]?)\s*endraw\s*([-+]?)%\}")
_FOREIGN = re.compile(r"[#/^!>&]")


class Cutter:
    """Cuts one source. `faults` are those of the tags' outer form."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.places = Places(source)
        self.faults: list[TemplateFault] = []

    def segments(self) -> list[Segment]:
        """All segments in order, literal text untrimmed."""
        return list(self._cut())

    def fault(self, offset: int, text: str) -> None:
        line, column = self.places.at(offset)
        self.faults.append(TemplateFault(FaultKind.SYNTAX, line, column, text))

    def _cut(self) -> Iterator[Segment]:
        at = tags = 0
        while opened := _OPEN.search(self.source, at):
            yield Segment(Kind.TEXT, self.source[at : opened.start()], at)
            tags += 1
            if tags > MOST_TAGS:
                self.fault(
                    opened.start(), f"More than {MOST_TAGS:,} tags are too many: use a loop."
                )
            if tags > MOST_TAGS or len(self.faults) >= MOST_FAULTS:
                return
            if opened[1] == "{#":
                segment, at = self._comment(opened)
            else:
                segment, at = self._tag(opened)
            yield segment
            if segment.kind is Kind.STATEMENT and segment.body.strip() == "raw":
                raw, at = self._raw(segment, at)
                yield raw
        yield Segment(Kind.TEXT, self.source[at:], at)

    def _comment(self, opened: re.Match[str]) -> tuple[Segment, int]:
        end = self.source.find("#}", opened.end())
        if end < 0:
            self.fault(
                opened.start(),
                "The comment that begins with {# is not closed. End it with #}, or write a "
                "space between { and # if this is a style sheet.",
            )
            end = len(self.source)
        dash = self.source[end - 1 : end] == "-"
        return Segment(Kind.COMMENT, "", opened.start(), (), opened[2] == "-", dash), end + 2

    def _tag(self, opened: re.Match[str]) -> tuple[Segment, int]:
        close = _CLOSE[opened[1]]
        tokens: list[Token] = []
        at = opened.end()
        while True:
            at = _end_of(_SPACE, self.source, at)
            if ended := close.match(self.source, at):
                segment = Segment(
                    _KIND[opened[1]],
                    self.source[opened.end() : at],
                    opened.start(),
                    tuple(tokens),
                    opened[2] == "-",
                    ended[1] == "-",
                    "+" in (opened[2], ended[1]),
                )
                return segment, ended.end()
            matched = _TOKEN.match(self.source, at)
            is_foreign = at == opened.end() and _FOREIGN.match(self.source, at)
            if matched is None or is_foreign or len(tokens) == MOST_TOKENS:
                return self._broken(opened, at)
            tokens.append(Token(matched.lastgroup or "", matched[0], at))
            at = matched.end()

    def _broken(self, opened: re.Match[str], at: int) -> tuple[Segment, int]:
        """A fault, and the place behind the tag where cutting goes on."""
        closing = "}}" if opened[1] == "{{" else "%}"
        sign = self.source[at : at + 1]
        if not sign:
            self.fault(opened.start(), f"The tag {opened[1]} is not closed. End it with {closing}.")
        elif at == opened.end() and _FOREIGN.match(sign):
            self.fault(
                at,
                f"{opened[1]}{sign} is of another template language. Write {{% for x in list %}} "
                "or {% if x %} … {% endif %} instead.",
            )
        elif _TOKEN.match(self.source, at):
            self.fault(
                opened.start(), f"The tag is not closed, or too long: end it with {closing}."
            )
        else:
            self.fault(at, f"{sign!r} is not expected here. Take it out or close the tag before.")
        end = self.source.find(closing, at)
        after = len(self.source) if end < 0 else end + len(closing)
        return Segment(Kind.COMMENT, "", opened.start()), after

    def _raw(self, opened: Segment, at: int) -> tuple[Segment, int]:
        ended = _END_RAW.search(self.source, at)
        if ended is None:
            self.fault(opened.offset, "{% raw %} is not closed. Write {% endraw %} after it.")
            return Segment(Kind.TEXT, self.source[at:], at), len(self.source)
        return Segment(Kind.TEXT, self.source[at : ended.start()], at), ended.end()


def _end_of(pattern: re.Pattern[str], text: str, at: int) -> int:
    matched = pattern.match(text, at)
    return matched.end() if matched else at


def tidy(segments: Iterable[Segment], *, joins_lines: bool = True) -> list[Segment]:
    """White space as the tags ask for it; comments, raw tags and empty texts are gone.

    With `joins_lines` a statement or comment alone on its line leaves no
    empty line behind.
    """
    row = list(segments)
    for index, segment in enumerate(row):
        if segment.kind is Kind.TEXT:
            continue
        if segment.trims_before:
            _edit(row, index - 1, str.rstrip)
        if segment.trims_after:
            _edit(row, index + 1, str.lstrip)
        if joins_lines and segment.kind is not Kind.EXPRESSION and is_alone(row, index):
            _edit(row, index - 1, lambda text: text.rstrip(" \t"))
            _edit(row, index + 1, lambda text: text.lstrip(" \t")[1:])
    return [segment for segment in row if not _is_void(segment)]


def _edit(row: list[Segment], index: int, change: Callable[[str], str]) -> None:
    if 0 <= index < len(row) and row[index].kind is Kind.TEXT:
        row[index] = replace(row[index], body=change(row[index].body))


def _is_void(segment: Segment) -> bool:
    if segment.kind is Kind.STATEMENT:
        return segment.body.strip() == "raw"
    return segment.kind is Kind.COMMENT or (segment.kind is Kind.TEXT and not segment.body)


def is_alone(row: list[Segment], index: int) -> bool:
    """True when the tag at `index` has a line of its own."""
    if row[index].keeps_line:
        return False
    before = row[index - 1].body.rstrip(" \t") if index else ""
    after = row[index + 1].body.lstrip(" \t") if index + 1 < len(row) else ""
    starts = before.endswith("\n") if index and (before or index > 1) else True
    texts = all(
        row[place].kind is Kind.TEXT for place in (index - 1, index + 1) if 0 <= place < len(row)
    )
    return texts and starts and (after.startswith("\n") or (not after and index + 2 >= len(row)))


def join(segments: Iterable[Segment], literal: Callable[[str], str]) -> str:
    """The template again, literal text as `literal` writes it."""
    return "".join(
        literal(segment.body)
        if segment.kind is Kind.TEXT
        else f"{{{{ {segment.body} }}}}"
        if segment.kind is Kind.EXPRESSION
        else f"{{% {segment.body} %}}"
        for segment in segments
    )

"""The text alternative of an HTML template, made once per revision.

It keeps the order of the source exactly, so that every `{% for %}` still has
its `{% endfor %}`; converters that rebuild the page move them.
"""

import html
import re

from postroad.content.markdown import Stand
from postroad.content.segment import Kind, Segment, tidy

_SILENT = frozenset({"script", "style", "head", "title", "template", "noscript", "object", "svg"})
_PARAGRAPH = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "blockquote", "pre", "hr"}
)
_LINE = frozenset({"div", "tr", "li", "dt", "dd", "section", "header", "footer", "body", "center"})
_VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "wbr"})
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_TAG = re.compile(
    r"""<(?P<end>/?)(?P<name>[A-Za-z][\w:-]*)(?P<rest>(?:[^<>"']|"[^"]*"|'[^']*')*+)>"""
    r"""|<[!?][^<>]*+>"""
)
"""A tag, or a declaration. Possessive: a page of a million '<' takes no time."""
_ATTRIBUTE = re.compile(r"""([^\s=>"'/]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_SPACE = re.compile(r"[ \t\r\n\f\u200b\u200c\u034f]+")


def text_of_html(segments: list[Segment]) -> list[Segment]:
    """The readable text as a template: paragraphs, list marks, links with their addresses."""
    row = tidy(segments)
    stand = Stand(row)
    reader = _Reader(stand)
    page = "".join(
        segment.body if segment.kind is Kind.TEXT else stand.word_for(segment) for segment in row
    )
    reader.read(_without_comments(page))
    return stand.split(reader.text())


def _without_comments(page: str) -> str:
    """Comments hold what only Outlook sees."""
    kept = []
    at = 0
    while (start := page.find("<!--", at)) >= 0:
        kept.append(page[at:start])
        end = page.find("-->", start + 4)
        at = end + 3 if end >= 0 else len(page)
    return "".join([*kept, page[at:]])


def _attributes(rest: str) -> dict[str, str]:
    return {
        found[1].lower(): html.unescape(found[2] or found[3] or found[4] or "")
        for found in _ATTRIBUTE.finditer(rest)
    }


class _Reader:
    """Collects text; a break asked for is written when something follows it."""

    def __init__(self, stand: Stand) -> None:
        self._stand = stand
        self._out: list[str] = []
        self._breaks = 0
        self._space = False
        self._silent: list[str] = []
        self._links: list[tuple[str, int]] = []
        self._rounds: list[int] = []

    def text(self) -> str:
        return "".join(self._out).strip("\n") + "\n"

    def read(self, page: str) -> None:
        at = 0
        for found in _TAG.finditer(page):
            self._data(html.unescape(page[at : found.start()]))
            at = found.end()
            if not found["name"]:
                continue
            if found["end"]:
                self._end(found["name"].lower())
            else:
                self._start(found["name"].lower(), found["rest"])
        self._data(html.unescape(page[at:]))

    def _start(self, tag: str, rest: str) -> None:
        given = _attributes(rest)
        if self._silent:
            if tag not in _VOID:
                self._silent.append(tag)
            return
        if tag in _SILENT or (tag not in _VOID and _HIDDEN.search(given.get("style", ""))):
            self._silent.append(tag)
            return
        self._break_for(tag)
        if tag == "li":
            self._write("- ")
        elif tag in ("td", "th"):
            self._space = True
        elif tag == "img" and given.get("alt"):
            self._data(given["alt"])
        elif tag == "a":
            self._links.append((given.get("href", ""), len(self._out)))

    def _end(self, tag: str) -> None:
        if self._silent:
            self._end_silent(tag)
            return
        if tag == "a" and self._links:
            self._end_link(*self._links.pop())
        if tag != "br":
            self._break_for(tag)

    def _end_silent(self, tag: str) -> None:
        if tag in self._silent:
            while self._silent.pop() != tag:
                pass

    def _data(self, data: str) -> None:
        if self._silent:
            return
        for place, piece in enumerate(self._stand.pattern.split(data)):
            if place % 2:
                self._tag(piece)
            else:
                self._words(piece)

    def _break_for(self, tag: str) -> None:
        if tag in _PARAGRAPH:
            self._breaks = max(self._breaks, 2)
        elif tag in _LINE:
            self._breaks = max(self._breaks, 1)
        elif tag == "br":
            self._breaks += 1

    def _end_link(self, address: str, start: int) -> None:
        label = "".join(self._out[start:]).strip()
        plain = address.removeprefix("mailto:").removeprefix("tel:")
        if plain and not plain.startswith("#") and plain != label:
            self._write(f" ({plain})" if label else plain)

    def _words(self, data: str) -> None:
        text = _SPACE.sub(" ", data.replace("\xa0", " ") if data.isspace() else data)
        stripped = text.strip(" ")
        self._space = self._space or text.startswith(" ")
        if stripped:
            self._write(stripped)
            self._space = text.endswith(" ")

    def _write(self, text: str) -> None:
        self._flush()
        self._out.append(text)

    def _flush(self) -> None:
        if self._breaks and self._out:
            self._out.append("\n" * min(self._breaks, 3))
        elif self._space and self._out and not self._breaks:
            self._out.append(" ")
        self._breaks, self._space = 0, False

    def _tag(self, number: str) -> None:
        """A printed value is a word; a break that waits at a statement stays on its side.

        Except where it would be doubled: behind `endif`, and behind a loop
        whose every round begins with a break of its own.
        """
        tag = self._stand.tag(number)
        word = "" if tag.kind is Kind.EXPRESSION else tag.tokens[0].text
        if word == "endfor" and self._rounds:
            start = self._rounds.pop()
            if not "".join(self._out[start : start + 1]).startswith("\n"):
                self._flush()
        elif word != "endif":
            self._flush()
        self._out.append(self._stand.word(number))
        if word == "for":
            self._rounds.append(len(self._out))

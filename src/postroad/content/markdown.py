"""Markdown to HTML, once per revision, with the template's tags left alone.

The tags travel through the Markdown compiler as words. So a value is never
read as Markdown: `**x**` in a name comes out as it is.
"""

import re
from collections.abc import Iterable

from markdown_it import MarkdownIt

from postroad.content.segment import Kind, Segment, is_alone, tidy

_PAGE_TOP = """<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<style>
body { margin: 0; padding: 24px 16px; font: 16px/1.55 -apple-system, "Segoe UI", Roboto, \
Helvetica, Arial, sans-serif; }
.letter { max-width: 600px; margin: 0 auto; }
h1, h2, h3 { line-height: 1.25; }
img { max-width: 100%; height: auto; }
pre { white-space: pre-wrap; }
blockquote { margin: 0 0 0 4px; padding-left: 12px; border-left: 3px solid #8888; }
table { border-collapse: collapse; }
th, td { padding: 4px 10px 4px 0; text-align: left; vertical-align: top; }
</style>
</head>
<body>
<div class="letter">
"""
_PAGE_END = "</div>\n</body>\n</html>\n"


class Stand:
    """Words that stand for tags while the text around them is worked on."""

    def __init__(self, segments: Iterable[Segment]) -> None:
        self._tags: list[Segment] = []
        texts = "".join(segment.body for segment in segments if segment.kind is Kind.TEXT)
        number = 0
        while f"zq{number}x" in texts.lower():
            number += 1
        self._stem = f"zq{number}x"
        self.pattern = re.compile(rf"{self._stem}(\d+)z")

    def word_for(self, tag: Segment) -> str:
        self._tags.append(tag)
        return self.word(len(self._tags) - 1)

    def word(self, number: int | str) -> str:
        return f"{self._stem}{number}z"

    def tag(self, number: str) -> Segment:
        return self._tags[int(number)]

    def split(self, text: str) -> list[Segment]:
        """The text cut at the words, each replaced by its tag."""
        pieces = self.pattern.split(text)
        return [
            self.tag(piece) if place % 2 else Segment(Kind.TEXT, piece, 0)
            for place, piece in enumerate(pieces)
            if piece
        ]


def html_of_markdown(segments: list[Segment]) -> list[Segment]:
    """A whole HTML page; HTML in the source comes out as text."""
    stand = Stand(segments)
    row = tidy(segments, joins_lines=False)
    source = "".join(_standing(row, index, stand) for index in range(len(row)))
    compiled = MarkdownIt("commonmark", {"html": False}).enable("table").render(source)
    statement = re.compile(rf"<p>({stand.pattern.pattern})</p>\n?")
    page = statement.sub(
        lambda found: found[1] if stand.tag(found[2]).kind is Kind.STATEMENT else found[0],
        compiled,
    )
    return stand.split(_PAGE_TOP + page + _PAGE_END)


def _standing(row: list[Segment], index: int, stand: Stand) -> str:
    segment = row[index]
    if segment.kind is Kind.TEXT:
        return segment.body
    word = stand.word_for(segment)
    if segment.kind is Kind.STATEMENT and is_alone(row, index):
        return f"\n{word}\n"  # A paragraph of its own, unwrapped afterwards.
    return word

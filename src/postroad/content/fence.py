"""The part of the template language that a mail may use.

The engine's fuel bounds steps and text, but not lists: `["x"] * 50000000`, a
list that holds itself twice, forty times over, or a chain of thirty thousand
signs ends the whole process. So tags are judged before the engine sees them:
what is left cannot make a list longer than the template or the data are, and
cannot nest deeper than the engine's stack allows. Each rule has its bomb in
tests/content/test_bombs.py.
"""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from postroad.content.fault import FaultKind, Places, TemplateFault
from postroad.content.segment import Kind, Segment, Token

STATEMENTS = frozenset({"if", "elif", "else", "endif", "for", "endfor", "set", "raw"})
# fmt: off
FILTERS = frozenset({
    "abs", "bool", "capitalize", "count", "d", "default", "e", "escape", "filesizeformat",
    "first", "float", "indent", "int", "join", "last", "length", "lower", "max", "min",
    "pluralize", "replace", "reverse", "round", "sort", "split", "string", "striptags", "sum",
    "title", "trim", "truncate", "upper", "urlencode",
})
TESTS = frozenset({
    "boolean", "defined", "divisibleby", "endingwith", "eq", "equalto", "even", "false",
    "float", "ge", "greaterthan", "gt", "in", "integer", "iterable", "le", "lessthan", "lt",
    "mapping", "ne", "none", "number", "odd", "sameas", "sequence", "startingwith", "string",
    "true", "undefined",
})
# fmt: on
FUNCTIONS = frozenset({"range"})
LOOP_FUNCTIONS = frozenset({"cycle", "changed"})
# fmt: off
KEYWORDS = frozenset({
    "if", "elif", "else", "endif", "for", "endfor", "set", "raw", "in", "is", "not", "and",
    "or", "true", "false", "none", "True", "False", "None", "loop", "recursive",
})
# fmt: on

MOST_BRANCHES = 100
"""`elif`s of a template; each nests the engine's stack."""


def judge(segments: Iterable[Segment], places: Places) -> list[TemplateFault]:
    """The faults of all tags, in order; empty when the engine may compile them."""
    faults: list[TemplateFault] = []
    branches = 0
    for segment in segments:
        if segment.kind not in (Kind.EXPRESSION, Kind.STATEMENT):
            continue
        for offset, text, kind in _Tag(segment).faults():
            faults.append(TemplateFault(kind, *places.at(offset), text))
        branches += bool(segment.tokens) and segment.tokens[0].text == "elif"
        if branches == MOST_BRANCHES:
            text = f"More than {MOST_BRANCHES} elif are not possible. Put the text into the data."
            faults.append(TemplateFault(FaultKind.TOO_LARGE, *places.at(segment.offset), text))
    return faults


Finding = tuple[int, str, FaultKind]


class _Tag:
    """One tag's tokens, with an end mark so that a rule may look behind and ahead."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._tokens = segment.tokens
        self._is_statement = segment.kind is Kind.STATEMENT

    def faults(self) -> Iterator[Finding]:
        if not self._tokens:
            yield (
                self._segment.offset,
                "The tag is empty. Write a variable into it.",
                FaultKind.SYNTAX,
            )
            return
        if self._is_statement:
            yield from self._statement()
        yield from self._brackets()
        for index in range(len(self._tokens)):
            yield from self._token(index)

    def _text(self, index: int) -> str:
        return self._tokens[index].text if 0 <= index < len(self._tokens) else ""

    def _kind(self, index: int) -> str:
        return self._tokens[index].kind if 0 <= index < len(self._tokens) else ""

    def _forbid(self, index: int, text: str) -> Finding:
        return self._tokens[index].offset, text, FaultKind.FORBIDDEN

    def _statement(self) -> Iterator[Finding]:
        word = self._text(0)
        if word not in STATEMENTS:
            known = ", ".join(sorted(STATEMENTS - {"raw"}))
            yield self._forbid(0, f"{{% {word} %}} is not available in a mail. Use {known}.")
        elif word == "set" and not (self._kind(1) == "name" and self._text(2) == "="):
            yield self._forbid(0, "Write {% set name = value %}; other forms are not available.")
        elif word == "for" and self._text(len(self._tokens) - 1) == "recursive":
            yield self._forbid(
                len(self._tokens) - 1, "Recursive loops are not available. Nest two."
            )

    def _token(self, index: int) -> Iterator[Finding]:
        token = self._tokens[index]
        if token.kind == "operator":
            yield from self._operator(index, token.text)
        elif token.kind == "name":
            yield from self._name(index, token)

    def _operator(self, index: int, sign: str) -> Iterator[Finding]:
        if sign in ("*", "**"):
            yield self._forbid(index, f"{sign} is not available. Calculate this in the data.")
        elif sign in "{}":
            yield self._forbid(index, f"{sign} is not available inside a tag. Take it out.")
        elif sign == "+" and not self._adds_number(index):
            yield self._forbid(index, "Only a number can be added with +. Join texts with ~.")

    def _adds_number(self, index: int) -> bool:
        """`+ 1` and nothing that could make a list of the number afterwards."""
        is_number = self._kind(index + 1) == "number"
        return is_number and self._text(index + 2) not in ("|", ".", "[", "(")

    def _name(self, index: int, token: Token) -> Iterator[Finding]:
        before = self._text(index - 1)
        if before == ".":
            if token.text.startswith("_"):
                text = f"{token.text} can't be reached from a mail. Take it out."
                yield self._forbid(index, text)
        elif before == "|":
            yield from self._known(index, FILTERS, "filter")
        elif self._is_test(index):
            yield from self._known(index, TESTS, "test")
        elif token.text in FUNCTIONS and self._text(index + 1) != "(":
            yield self._forbid(index, f"{token.text} is a function. Write {token.text}(3).")
        elif self._text(index + 1) == "(" and token.text not in KEYWORDS | FUNCTIONS:
            text = f"There is no function {token.text}. Only range and loop.cycle can be called."
            yield self._forbid(index, text)

    def _is_test(self, index: int) -> bool:
        before = self._text(index - 1)
        if before == "is":
            return self._text(index) != "not"
        return before == "not" and self._text(index - 2) == "is"

    def _known(self, index: int, names: frozenset[str], noun: str) -> Iterator[Finding]:
        name = self._text(index)
        if name not in names:
            near = get_close_matches(name, names, 1)
            advice = (
                f"Did you mean {near[0]}?" if near else f"Use one of {', '.join(sorted(names))}."
            )
            yield self._forbid(index, f"There is no {noun} {name}. {advice}")

    def _brackets(self) -> Iterator[Finding]:
        """Commas make lists: only in arguments, in lists of constants and in `for a, b in`."""
        opened: list[str] = []
        unpacks = self._is_statement and self._text(0) == "for"
        for index, token in enumerate(self._tokens):
            sign = token.text if token.kind == "operator" else ""
            unpacks = unpacks and token.text != "in"
            if sign == "(":
                yield from self._call(index)
                opened.append("arguments" if self._follows_value(index) else "group")
            elif sign == "[":
                opened.append("subscript" if self._follows_value(index) else "list")
            elif sign in (")", "]"):
                if opened:
                    opened.pop()
            elif sign == "," and not (unpacks or (opened and opened[-1] in ("arguments", "list"))):
                yield self._forbid(index, "A comma is not expected here. Take it out.")
            elif opened and opened[-1] == "list" and not self._is_constant(index):
                yield self._forbid(index, "A list in a mail can hold only texts and numbers.")

    def _is_constant(self, index: int) -> bool:
        return self._kind(index) in ("string", "number") or self._text(index) in (",", "-")

    def _follows_value(self, index: int) -> bool:
        """An opening bracket behind a value calls it or reaches into it."""
        before = self._text(index - 1)
        if self._kind(index - 1) == "name":
            return before not in KEYWORDS or self._text(index - 2) == "."
        return before in (")", "]") or self._kind(index - 1) in ("string", "number")

    def _call(self, index: int) -> Iterator[Finding]:
        """Nothing but filters, tests, range and loop.cycle is called: never a value's method."""
        if not self._follows_value(index):
            return
        before = self._text(index - 2)
        if before == "." and not (
            self._text(index - 3) == "loop"
            and self._text(index - 4) != "."
            and self._text(index - 1) in LOOP_FUNCTIONS
        ):
            text = (
                f"{self._text(index - 1)}() can't be called in a mail. Use a filter, as in |upper."
            )
            yield self._forbid(index, text)
        elif self._kind(index - 1) != "name":
            yield self._forbid(index, "A value can't be called in a mail. Take the brackets out.")

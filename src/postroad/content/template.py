"""Templates: checked, asked for their variables, compiled to renderers.

Engine: minijinja with fuel, undefined values strict where they are printed
(`{% if company %}` and `|default("…")` are the ways to live without one).
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from minijinja import Environment, TemplateError

from postroad.content import fence
from postroad.content.fault import FaultKind, Places, TemplateFault
from postroad.content.segment import Cutter, Kind, Segment

FUEL = 100_000
"""Steps of one rendering; every 64 octets of output or so count as one too."""

LARGEST_PART = 2 * 1024 * 1024
"""Characters of one rendered part, as encoded for the wire."""

LARGEST_SOURCE = 2 * 1024 * 1024
"""Octets of a template's source."""


@dataclass(frozen=True, slots=True)
class VariableUse:
    """Where a variable is used; line and column in characters, from 1."""

    name: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Cut:
    """A template in segments, with the first place where each variable is used."""

    segments: tuple[Segment, ...]
    uses: tuple[VariableUse, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(use.name for use in self.uses))


def cut_template(source: str, part: str = "body") -> Cut | list[TemplateFault]:
    """The template in segments that the engine is sure to compile, or all its faults."""
    if len(source.encode("utf-8", "replace")) > LARGEST_SOURCE:
        text = "The text is larger than 2 MB. Shorten it, or attach a file."
        return [TemplateFault(FaultKind.TOO_LARGE, 0, 0, text, part=part)]
    cutter = Cutter(source)
    segments = cutter.segments()
    faults = cutter.faults + fence.judge(segments, cutter.places)
    if not faults:
        faults = _syntax_faults(source, cutter.places)
    if faults:
        faults.sort(key=lambda fault: (fault.line, fault.column))
        return [_of_part(fault, part) for fault in faults]
    return Cut(tuple(segments), tuple(_uses(source, segments, cutter.places)))


def variables_of(source: str) -> list[VariableUse]:
    """Every use of a variable that comes from outside, in order; [] if it does not compile."""
    cut = cut_template(source)
    return list(cut.uses) if isinstance(cut, Cut) else []


def check_template(
    source: str, known_names: Collection[str], part: str = "body"
) -> list[TemplateFault]:
    """All faults of a template, variables that nobody has included."""
    cut = cut_template(source, part)
    if not isinstance(cut, Cut):
        return cut
    return [
        TemplateFault(
            FaultKind.UNKNOWN_VARIABLE,
            use.line,
            use.column,
            _unknown(use.name, known_names),
            use.name,
            part,
        )
        for use in cut.uses
        if use.name not in known_names
    ]


def _unknown(name: str, known_names: Collection[str]) -> str:
    near = get_close_matches(name, sorted(known_names), 1, 0.5) or [
        known for known in sorted(known_names) if known.casefold() == name.casefold()
    ]
    if near:
        return f"There is no variable {name}. Did you mean {near[0]}?"
    known = ", ".join(sorted(known_names)) or "none"
    return f"There is no variable {name}. Use one of these: {known}."


def _of_part(fault: TemplateFault, part: str) -> TemplateFault:
    return TemplateFault(fault.kind, fault.line, fault.column, fault.text, fault.variable, part)


def _bare_environment() -> Environment:
    strict: Any = "semi_strict"  # The stubs do not know this behaviour yet.
    environment = Environment(
        debug=True,  # Else an error names neither its place nor the variable.
        fuel=FUEL,
        undefined_behavior=strict,
        auto_escape_callback=lambda _name: False,
        keep_trailing_newline=True,
        pycompat=False,
    )
    for name in list(environment.globals):
        if name not in fence.FUNCTIONS:
            environment.remove_global(name)
    return environment


def _syntax_faults(source: str, places: Places) -> list[TemplateFault]:
    environment = _bare_environment()
    try:
        environment.add_template("source", source)
    except TemplateError as error:
        place = places.at_octet(error.range[0]) if error.range else (error.line or 0, 0)
        detail = (error.detail or error.message).removeprefix("syntax error: ")
        text = f"{detail[:1].upper()}{detail[1:]}. Mend this tag or its partner."
        return [TemplateFault(FaultKind.SYNTAX, *place, text)]
    return []


def _uses(source: str, segments: Iterable[Segment], places: Places) -> list[VariableUse]:
    names = _bare_environment().undeclared_variables_in_str(source) - fence.FUNCTIONS
    return [
        VariableUse(token.text, *places.at(token.offset))
        for segment in segments
        if segment.kind in (Kind.EXPRESSION, Kind.STATEMENT)
        for index, token in enumerate(segment.tokens)
        if token.text in names and _is_variable(segment, index)
    ]


def _is_variable(segment: Segment, index: int) -> bool:
    """Not an attribute, a filter, a test, nor the name of an argument or of a loop's item."""
    tokens = segment.tokens
    before = tokens[index - 1].text if index else ""
    after = tokens[index + 1].text if index + 1 < len(tokens) else ""
    is_test = before == "is" or (before == "not" and index > 1 and tokens[index - 2].text == "is")
    is_item = tokens[0].text == "for" and not any(t.text == "in" for t in tokens[:index])
    is_other = before in (".", "|") or after == "=" or is_test or is_item
    return tokens[index].kind == "name" and not is_other


Writer = Callable[[str], str]
"""How a printed value becomes part of the output: escaped, encoded."""

Renderer = Callable[[Mapping[str, object]], str]
"""From the variables to the text. Raises what `fault_of_rendering` knows."""


class ValueFault(Exception):
    """A value that can't be printed. `args[0]` is the cause, for people."""


def compile_template(template: str, write: Writer) -> Renderer:
    """The renderer of a template that was judged before.

    Safe in any thread. One rendering takes at most FUEL steps and gives at
    most LARGEST_PART characters; some MB is the most that it holds in between.
    """
    environment = _bare_environment()
    environment.finalizer = lambda value: write(_printed(value))
    for name in ("e", "escape"):  # What is printed is escaped once, by `write`.
        environment.add_filter(name, lambda value: value)
    environment.add_template("part", template)
    render = environment.render_template

    def renderer(values: Mapping[str, object]) -> str:
        text = render("part", **values)
        if len(text) > LARGEST_PART:
            raise ValueFault("mail is too large")
        return text

    return renderer


def _printed(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if value is None:
        raise ValueFault("a value is empty")
    raise ValueFault("a list or record is printed whole")


_UNDEFINED = re.compile(r"`(.+)` is undefined")


@dataclass(frozen=True, slots=True)
class RenderFault:
    """Why a mail could not be rendered. `variable` is the missing one's path, or ''."""

    cause: str
    variable: str = ""


def fault_of_rendering(error: Exception) -> RenderFault:
    """What a renderer's exception means. Anything but the known ones is raised again."""
    if isinstance(error, ValueFault):
        return RenderFault(str(error.args[0]))
    if not isinstance(error, TemplateError):
        raise error
    if error.kind == "UndefinedError":
        found = _UNDEFINED.search(error.detail or "")
        variable = found[1] if found else ""
        return RenderFault(f"variable {variable or 'of the template'} is missing", variable)
    if error.kind == "OutOfFuel":
        return RenderFault("template does too much")
    return RenderFault(f"template failed: {error.detail or error.message}")

"""What can be said of a content while it is written: faults with their place, and variables."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from postroad.content.fault import FaultKind, TemplateFault
from postroad.content.message import RevisionSpec, compile_revision
from postroad.content.template import check_template, variables_of
from postroad.core.variables import Policy, VariablePolicy

LONGEST_SHOWN = 120
"""Characters of a line that are shown around a fault."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault; line and column from 1, 0 where it has no place.

    `before`, `marked` and `after` are the line around its place, cut where it is long.
    Not `is_blocking`: it can be saved, but see what the text says.
    """

    part: str
    line: int
    column: int
    text: str
    variable: str
    is_blocking: bool
    before: str = ""
    marked: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable by its first use. `is_known`: somebody in the book has it, or every mail does."""

    name: str
    part: str
    line: int
    column: int
    is_known: bool
    policy: VariablePolicy


@dataclass(frozen=True, slots=True)
class Examined:
    faults: tuple[Fault, ...]
    variables: tuple[Variable, ...]

    @property
    def is_sound(self) -> bool:
        return not any(fault.is_blocking for fault in self.faults)


def examine_content(spec: RevisionSpec, known: Collection[str]) -> Examined:
    """Faults in the order of the parts. Unknown variables block nothing: people may come later."""
    compiled = compile_revision(spec)
    blocking = compiled if isinstance(compiled, list) else []
    faults = [_shown(fault, spec) for fault in (*blocking, *_unknown(spec, known))]
    faults.sort(key=lambda fault: (_ORDER.index(fault.part), fault.line, fault.column))
    return Examined(tuple(faults), tuple(_variables(spec, known)))


_ORDER = ("subject", "body", "text", "files")


def _parts(spec: RevisionSpec) -> Iterator[tuple[str, str]]:
    yield "subject", spec.subject.strip()
    yield "body", spec.source
    if spec.format != "txt" and spec.text_source.strip():
        yield "text", spec.text_source


def _unknown(spec: RevisionSpec, known: Collection[str]) -> Iterator[TemplateFault]:
    for part, source in _parts(spec):
        for fault in check_template(source, known, part):
            if fault.kind is FaultKind.UNKNOWN_VARIABLE:
                policy = spec.policies.get(fault.variable, VariablePolicy())
                yield replace(fault, text=f"{fault.text} {_effect(policy)}")


def _effect(policy: VariablePolicy) -> str:
    match policy.policy:
        case Policy.FAIL:
            return "As it is, every mail fails that prints it."
        case Policy.SKIP:
            return "As it is, everybody is skipped."
        case Policy.DEFAULT:
            return "As it is, everybody gets the default."


def _shown(fault: TemplateFault, spec: RevisionSpec) -> Fault:
    source = dict(_parts(spec)).get(fault.part, "")
    lines = source.split("\n")
    line = lines[fault.line - 1] if 0 < fault.line <= len(lines) else ""
    at = max(0, fault.column - 1)
    start = max(0, at - LONGEST_SHOWN // 2)
    is_named = fault.variable and line.startswith(fault.variable, at)
    end = at + (len(fault.variable) if is_named else LONGEST_SHOWN)
    return Fault(
        fault.part,
        fault.line,
        fault.column,
        fault.text,
        fault.variable,
        is_blocking=fault.kind is not FaultKind.UNKNOWN_VARIABLE,
        before=("…" if start else "") + line[start:at],
        marked=line[at:end],
        after=line[end : end + LONGEST_SHOWN],
    )


def _variables(spec: RevisionSpec, known: Collection[str]) -> Iterator[Variable]:
    seen: set[str] = set()
    for part, source in _parts(spec):
        for use in variables_of(source):
            if use.name not in seen:
                seen.add(use.name)
                policy = spec.policies.get(use.name, VariablePolicy())
                is_known = use.name in known
                yield Variable(use.name, part, use.line, use.column, is_known, policy)

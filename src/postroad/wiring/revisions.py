"""A kept content revision as that which is compiled.

In one place, because the console and every worker must make the same octets of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Protocol, cast

from postroad.content.attachment import FileSpec
from postroad.content.message import CompiledRevision, RevisionSpec, compile_revision
from postroad.content.source import Format
from postroad.core.ids import RevisionId
from postroad.core.revision import KeptFile, NewFile, NewRevision
from postroad.core.variables import Policy, VariablePolicy


class KeptRevision(Protocol):
    """As it was entered; `policies` is {variable: {"policy": word, "default": text}}."""

    @property
    def id(self) -> RevisionId: ...
    @property
    def subject(self) -> str: ...
    @property
    def format(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def text_source(self) -> str: ...
    @property
    def policies(self) -> Mapping[str, Mapping[str, str]]: ...


def spec_of(kept: KeptRevision, files: Iterable[FileSpec]) -> RevisionSpec:
    return RevisionSpec(
        subject=kept.subject,
        format=cast("Format", kept.format),
        source=kept.source,
        text_source=kept.text_source,
        policies=policies_of(kept.policies),
        files=tuple(files),
        boundary_seed=f"revision {kept.id}",
    )


def spec_of_draft(draft: NewRevision) -> RevisionSpec:
    """Of a revision that is not saved. Its files have their length, and no octets."""
    return RevisionSpec(
        subject=draft.subject,
        format=cast("Format", draft.format),
        source=draft.source,
        text_source=draft.text_source,
        policies=policies_of(draft.policies),
        files=sized_files(draft.files),
    )


def without_octets(spec: RevisionSpec) -> RevisionSpec:
    """The same with files of no length: whether it compiles depends on their names alone."""
    files = tuple(FileSpec(file.name, file.media_type, b"") for file in spec.files)
    return replace(spec, files=files)


def sized_files(files: Iterable[NewFile | KeptFile]) -> tuple[FileSpec, ...]:
    """Files of the right length without their octets, for checks that ask how large they are."""
    return tuple(FileSpec(file.name, file.media_type, bytes(file.size)) for file in files)


def policies_of(entered: Mapping[str, Mapping[str, str]]) -> dict[str, VariablePolicy]:
    return {
        name: VariablePolicy(Policy(each.get("policy", "fail")), each.get("default", ""))
        for name, each in entered.items()
    }


def compiled(spec: RevisionSpec) -> CompiledRevision:
    """For the prepare stage. ValueError for one that has faults."""
    done = compile_revision(spec)
    if isinstance(done, list):
        raise ValueError(  # noqa: TRY004 - the value is wrong, not its type.
            f"{spec.boundary_seed} cannot be used: {done[0].text}"
        )
    return done

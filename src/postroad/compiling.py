"""Stored revisions made ready to prepare mails: the store's shapes to the content's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from postroad.content.attachment import FileSpec
from postroad.content.fault import TemplateFault
from postroad.content.message import CompiledRevision, RevisionSpec, compile_revision
from postroad.content.source import Format
from postroad.core.mail import Failed, Preparation, Preparer, Recipient, Sender
from postroad.core.variables import Policy, VariablePolicy
from postroad.store.loading import LoadedRevision


@dataclass(frozen=True, slots=True)
class Unusable:
    """A stored revision that does not compile any more: every mail of it fails, and says why."""

    fault: TemplateFault
    tail: bytes = b""

    def prepare(self, sender: Sender, recipients: Sequence[Recipient]) -> list[Preparation]:  # noqa: ARG002 - the port's signature.
        return [Failed(each.n, "the content has a fault", self.fault.text) for each in recipients]


def spec_of(loaded: LoadedRevision) -> RevisionSpec:
    policies = {
        name: VariablePolicy(Policy(rule["policy"]), rule.get("default", ""))
        for name, rule in loaded.policies.items()
    }
    files = tuple(FileSpec(file.name, file.media_type, file.data) for file in loaded.files)
    return RevisionSpec(
        subject=loaded.subject,
        format=cast("Format", loaded.format),
        source=loaded.source,
        text_source=loaded.text_source,
        policies=policies,
        files=files,
        boundary_seed=f"revision {loaded.id}",
    )


def compiled(loaded: LoadedRevision) -> Preparer:
    """Always usable: a revision with faults prepares failures."""
    result: CompiledRevision | list[TemplateFault] = compile_revision(spec_of(loaded))
    if isinstance(result, list):
        return Unusable(result[0])
    return result

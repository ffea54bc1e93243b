"""An audience: chosen, compiled, deployed as a version of its own."""

from collections.abc import Callable
from typing import Protocol

from postroad.core.audience import Definition, Routine, fault_of
from postroad.core.contact import text_fault
from postroad.core.ids import AudienceId, AudienceVersionId
from postroad.core.saved import Gone, Refused, Saved, Unchanged
from postroad.sources.contacts import compile_audience
from postroad.sources.deploy import Cursor, deploy_routine

Deploy = Callable[[Cursor, Definition, AudienceId, int], Routine]


class AudienceStore(Protocol):
    def create_audience(
        self, name: str, definition: Definition, deploy: Deploy, actor: str
    ) -> Saved[AudienceId] | Refused: ...

    def save_version(
        self, audience_id: AudienceId, definition: Definition, deploy: Deploy, actor: str
    ) -> Saved[AudienceVersionId] | Unchanged[AudienceVersionId] | Gone: ...

    def rename_audience(
        self, audience_id: AudienceId, name: str, actor: str
    ) -> Saved[AudienceId] | Refused | Gone: ...


def create_audience(
    store: AudienceStore, name: str, definition: Definition, actor: str
) -> Saved[AudienceId] | Refused:
    """A new audience, its version 1 deployed."""
    faults = {**_name_faults(name), **_definition_faults(definition)}
    if faults:
        return Refused(faults)
    return store.create_audience(name.strip(), definition, deploy_contacts, actor)


def deploy_audience(
    store: AudienceStore, audience_id: AudienceId, definition: Definition, actor: str
) -> Saved[AudienceVersionId] | Unchanged[AudienceVersionId] | Refused | Gone:
    """The next version beside the earlier ones; the same definition again deploys nothing."""
    faults = _definition_faults(definition)
    if faults:
        return Refused(faults)
    return store.save_version(audience_id, definition, deploy_contacts, actor)


def rename_audience(
    store: AudienceStore, audience_id: AudienceId, name: str, actor: str
) -> Saved[AudienceId] | Refused | Gone:
    faults = _name_faults(name)
    return Refused(faults) if faults else store.rename_audience(audience_id, name.strip(), actor)


def deploy_contacts(
    cursor: Cursor, definition: Definition, audience_id: AudienceId, version: int
) -> Routine:
    """Compiles for the contacts and deploys in the cursor's transaction."""
    routine = compile_audience(definition, audience_id, version)
    deploy_routine(cursor, routine)
    return routine


def _name_faults(name: str) -> dict[str, str]:
    if not name.strip():
        return {"name": "The audience has no name: give it one."}
    fault = text_fault(name.strip())
    return {"name": f"The name {fault}"} if fault else {}


def _definition_faults(definition: Definition) -> dict[str, str]:
    fault = fault_of(definition)
    return {"definition": fault} if fault else {}

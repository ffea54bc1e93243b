"""Criteria at work in a source: counted and looked at as drafts, deployed, run.

Drafts are read by the deploy account, READ ONLY and time-boxed. A deployed routine is run by the
account that can do nothing else.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, Protocol

from postroad.core.criteria.schema import Mapping as Columns
from postroad.core.criteria.schema import Schema
from postroad.core.criteria.tree import Criteria
from postroad.core.ids import AudienceId
from postroad.core.source.connection import Dialect, Role, SourceTarget
from postroad.core.source.diagnosis import Diagnosis, SourceRefusal

from .compile.routines import ATOMIC_FROM, Deployment, deployment
from .compile.statements import count_sql, sample_sql
from .compile.where import Server, Site
from .mariadb import executing as mariadb
from .postgresql import executing as postgresql

DRAFT_SECONDS: Final = 1
"""Longer than that, nobody who is typing waits for a count."""

Definitions = Callable[[AudienceId, int], Criteria]
"""The rules of an audience's version."""

Person = tuple[Any, ...]
"""As `compile.statements.COLUMNS`."""


class Executing(Protocol):
    """One dialect. All raise SourceRefusal."""

    def version(self, target: SourceTarget, /) -> int: ...
    def read(self, target: SourceTarget, role: Role, sql: str) -> list[Person]: ...
    def deploy(self, target: SourceTarget, made: Deployment) -> None: ...
    def run(self, target: SourceTarget, name: str) -> Iterator[Person]: ...


_DIALECTS: Final[Mapping[Dialect, Executing]] = {
    Dialect.POSTGRESQL: postgresql,
    Dialect.MARIADB: mariadb,
}


def site_of(
    target: SourceTarget, schema: Schema, mapping: Columns, definition_of: Definitions | None = None
) -> Site:
    """What a compiler needs to know of a source."""
    server = Server(target.dialect.words)
    return Site(server, schema, mapping, target.schema, definition_of)


def count(
    target: SourceTarget, criteria: Criteria, site: Site, seconds: int = DRAFT_SECONDS
) -> int | Diagnosis:
    """How many people the criteria mean now."""
    found = _read(replace(target, timeout_seconds=seconds), count_sql(criteria, site))
    return found if isinstance(found, Diagnosis) else int(found[0][0])


def sample(
    target: SourceTarget,
    criteria: Criteria,
    site: Site,
    limit: int,
    seconds: int = DRAFT_SECONDS,
) -> list[Person] | Diagnosis:
    """The first of them by key."""
    return _read(replace(target, timeout_seconds=seconds), sample_sql(criteria, site, limit))


def deploy(
    target: SourceTarget, criteria: Criteria, site: Site, name: str, words: str
) -> Deployment | Diagnosis:
    """A routine of that name, which is not there yet; the run account may execute it."""
    dialect = _DIALECTS[target.dialect]
    try:
        is_atomic = dialect.version(target) >= ATOMIC_FROM
        made = deployment(criteria, site, name, words, is_atomic=is_atomic)
        dialect.deploy(target, made)
    except SourceRefusal as refusal:
        return refusal.diagnosis
    return made


def run(target: SourceTarget, name: str) -> Iterator[Person]:
    """Everybody a deployed routine returns, in constant memory. Raises SourceRefusal."""
    dialect = _DIALECTS[target.dialect]
    yield from dialect.run(target, name)


def _read(target: SourceTarget, sql: str) -> list[Person] | Diagnosis:
    dialect = _DIALECTS[target.dialect]
    try:
        return dialect.read(target, Role.DEPLOY, sql)
    except SourceRefusal as refusal:
        return refusal.diagnosis

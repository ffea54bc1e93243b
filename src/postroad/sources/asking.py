"""What a source is asked, whatever its dialect. Answers are values, refusals are diagnoses."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, Protocol

from postroad.core.criteria.schema import Schema, Table
from postroad.core.source.connection import Dialect, SourceTarget
from postroad.core.source.diagnosis import (
    Diagnosis,
    SourceAnswers,
    SourceRefusal,
    SourceUnfit,
)
from postroad.core.source.mapping import Sample

from .mariadb import answering as mariadb
from .postgresql import answering as postgresql
from .rights import Rights

SAMPLED_ROWS: Final = 20


class Answering(Protocol):
    """One dialect. All but `accounts_sql` raise SourceRefusal."""

    def deploy_rights(self, target: SourceTarget) -> Rights: ...
    def run_rights(self, target: SourceTarget) -> Rights: ...
    def schema(self, target: SourceTarget) -> Schema: ...
    def sample(self, target: SourceTarget, table: Table, limit: int) -> Sample: ...
    def accounts_sql(self, target: SourceTarget, schemas: Iterable[str]) -> str: ...


_DIALECTS: Final[Mapping[Dialect, Answering]] = {
    Dialect.POSTGRESQL: postgresql,
    Dialect.MARIADB: mariadb,
}


def check(target: SourceTarget) -> SourceAnswers | SourceUnfit:
    """Signs in with both accounts and looks at their rights; nothing is written."""
    dialect = _DIALECTS[target.dialect]
    deploy = _rights(dialect.deploy_rights, target)
    if any(one.is_of_the_way for one in deploy.missing):
        return SourceUnfit(deploy.missing)
    run = _rights(dialect.run_rights, target)
    missing = (*deploy.missing, *run.missing)
    if missing:
        return SourceUnfit(missing)
    warnings = (*deploy.warnings, *run.warnings)
    return SourceAnswers(deploy.server, deploy.tls, deploy.tables, warnings)


def read_schema(target: SourceTarget) -> Schema | Diagnosis:
    """What the deploy account may read."""
    try:
        return _DIALECTS[target.dialect].schema(target)
    except SourceRefusal as refusal:
        return refusal.diagnosis


def read_sample(
    target: SourceTarget, table: Table, limit: int = SAMPLED_ROWS
) -> Sample | Diagnosis:
    try:
        return _DIALECTS[target.dialect].sample(target, table, limit)
    except SourceRefusal as refusal:
        return refusal.diagnosis


def accounts_sql(target: SourceTarget, schemas: Iterable[str]) -> str:
    """With which a DBA makes both accounts. `schemas`: those whose tables audiences read."""
    return _DIALECTS[target.dialect].accounts_sql(target, schemas)


def _rights(ask: Callable[[SourceTarget], Rights], target: SourceTarget) -> Rights:
    try:
        return ask(target)
    except SourceRefusal as refusal:
        return Rights((refusal.diagnosis,), ())

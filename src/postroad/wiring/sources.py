"""The composition of sources: what is kept of them, and asking them. Part of the root."""

from collections.abc import Iterable
from dataclasses import dataclass

from postroad.actions import add_source, check_source, map_source, refresh_source
from postroad.core.criteria.schema import Mapping, TableName
from postroad.core.ids import SourceId
from postroad.core.saved import Gone, Refused, Saved
from postroad.core.source.connection import SourceFields, SourceTarget
from postroad.core.source.diagnosis import Diagnosis, SourceAnswers, SourceUnfit
from postroad.core.source.looking import Refreshed
from postroad.core.source.mapping import Guess, Sample, guess_mapping
from postroad.sources import asking
from postroad.store.loading import SOURCE_PURPOSE
from postroad.store.reads import source as source_reads
from postroad.store.secrets import Key, decrypt, encrypt
from postroad.store.writes import source as source_writes
from postroad.wiring.book import KNOWN_ZONES


@dataclass(frozen=True, slots=True)
class TableLook:
    """A few rows of one table, and what its columns are taken for."""

    sample: Sample
    guess: Guess


class Sources:
    """Passwords are sealed with a key that lies outside the database."""

    all = staticmethod(source_reads.sources)
    get = staticmethod(source_reads.source)
    named = staticmethod(source_reads.named)
    seen = staticmethod(source_reads.seen)

    def __init__(self, key: Key) -> None:
        self._key = key

    def add(self, fields: SourceFields, actor: str) -> Saved[SourceId] | Refused:
        return add_source.add_source(source_writes, self._seal, fields, actor)

    def edit(
        self, source_id: SourceId, fields: SourceFields, actor: str
    ) -> Saved[SourceId] | Refused | Gone:
        return add_source.edit_source(source_writes, self._seal, source_id, fields, actor)

    def delete(self, source_id: SourceId, actor: str) -> Saved[SourceId] | Refused | Gone:
        return add_source.delete_source(source_writes, source_id, actor)

    def check(self, source_id: SourceId) -> SourceAnswers | SourceUnfit | Gone:
        return check_source.check_source(asking, self.target(source_id))

    def refresh(self, source_id: SourceId, actor: str) -> Refreshed | Diagnosis | Gone:
        return refresh_source.refresh_source(
            source_writes, asking, source_id, self.target(source_id), actor
        )

    def look(self, source_id: SourceId, table: TableName) -> TableLook | Diagnosis | Gone:
        """Asks the source for rows; the table is one of those seen there."""
        target, seen = self.target(source_id), source_reads.seen(source_id)
        found = seen.table(table) if seen else None
        if target is None or seen is None or found is None:
            return Gone("This table was not seen in the source: refresh it and choose again.")
        sample = asking.read_sample(target, found)
        if isinstance(sample, Diagnosis):
            return sample
        return TableLook(sample, guess_mapping(seen, found, sample, KNOWN_ZONES))

    def map(
        self, source_id: SourceId, mapping: Mapping, actor: str
    ) -> Saved[SourceId] | Refused | Gone:
        seen = source_reads.seen(source_id)
        return map_source.map_source(source_writes, source_id, seen, mapping, actor)

    def accounts_sql(self, source_id: SourceId, schemas: Iterable[str] = ()) -> str:
        """With which a DBA makes both accounts; '' where there is no such source.

        No schemas named: those that were seen, before that the one where tables usually are.
        """
        target = self.target(source_id)
        if target is None:
            return ""
        seen = source_reads.seen(source_id)
        found = {table.name.schema for table in seen.tables} if seen else set()
        return asking.accounts_sql(target, set(schemas) or found or {target.usual_schema})

    def target(self, source_id: SourceId) -> SourceTarget | None:
        """With the passwords in clear: for a connection, never for a page."""
        return source_reads.target(source_id, self._unseal)

    def _seal(self, password: str) -> bytes:
        return encrypt(self._key, SOURCE_PURPOSE, password)

    def _unseal(self, sealed: bytes) -> str:
        return decrypt(self._key, SOURCE_PURPOSE, sealed)

"""Whole statements of criteria: the people, how many they are, some of them.

None has a parameter. On MariaDB the session's time_zone is '+00:00' when they run.
"""

from dataclasses import dataclass

from sqlalchemy import null

from postroad.core.criteria.tree import Criteria

from .constants import constant
from .elements import AsText, Count, Expression, Named, Query, Variables, is_true
from .standing import Standing
from .where import Composer, Site

COLUMNS = ("contact_key", "address", "name", "first_name", "last_name", "zone", "consent", "data")
"""Of the people: all texts but the consent, a boolean, and the data, a JSON object."""


@dataclass(frozen=True, slots=True)
class People:
    """A composed selection of people, to be written at any depth."""

    composer: Composer
    query: Query

    def sql(self, depth: int = 0) -> str:
        """CannotCompile for what this server cannot say."""
        return self.composer.written(self.query, depth)


def select_people(criteria: Criteria, site: Site, *, sample: int | None = None) -> People:
    """Everybody the criteria mean, or the first of them by key."""
    composer = Composer(site)
    person = composer.person()
    where = composer.where(criteria, person)
    order = [] if sample is None else [person.column(site.mapping.key)]
    query = Query(_columns(site, person), person.alias, where, order=order, limit=sample)
    return People(composer, query)


def select_sql(criteria: Criteria, site: Site) -> str:
    return select_people(criteria, site).sql()


def sample_sql(criteria: Criteria, site: Site, limit: int) -> str:
    return select_people(criteria, site, sample=limit).sql()


def count_sql(criteria: Criteria, site: Site) -> str:
    """One row with one number."""
    return _of_rows(criteria, site, Count())


def keys_sql(criteria: Criteria, site: Site) -> str:
    """The keys alone, as the column has them."""
    return _of_rows(criteria, site, None)


def _of_rows(criteria: Criteria, site: Site, wanted: Expression | None) -> str:
    composer = Composer(site)
    person = composer.person()
    where = composer.where(criteria, person)
    column = person.column(site.mapping.key) if wanted is None else wanted
    return composer.written(Query([column], person.alias, where))


def _columns(site: Site, person: Standing) -> list[Expression]:
    mapping = site.mapping
    texts = {
        "contact_key": mapping.key,
        "address": mapping.address,
        "name": mapping.name,
        "first_name": mapping.first_name,
        "last_name": mapping.last_name,
        "zone": mapping.zone,
    }
    columns: list[Expression] = [
        Named(_text_of(person, column), name) for name, column in texts.items()
    ]
    columns.append(Named(_consent_of(person, mapping.consent), "consent"))
    columns.append(Named(_data_of(person, mapping.variables), "data"))
    return columns


def _text_of(person: Standing, column: str) -> Expression:
    return AsText(person.column(column) if column else null())


def _consent_of(person: Standing, column: str) -> Expression:
    """Without a column that says so, everybody has given it."""
    return is_true(person.column(column)) if column else constant(True)


def _data_of(person: Standing, variables: tuple[str, ...]) -> Expression:
    kinds = {one.name: one.kind for one in person.table.columns}
    return Variables([(name, person.column(name), kinds[name]) for name in variables])

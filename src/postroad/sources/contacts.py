"""The built-in source: a definition compiled to a function over the contacts.

The function is readable SQL bound when it is created (BEGIN ATOMIC): no text
is executed at run time, and a later search_path cannot change what it reads.
"""

from typing import assert_never

from postroad.core.audience import Definition, Everyone, HandPicked, Routine, Tagged, words_of
from postroad.core.criteria.schema import (
    Column,
    ForeignKey,
    Kind,
    Mapping,
    Schema,
    Table,
    TableName,
)
from postroad.core.criteria.tree import Criteria
from postroad.core.ids import AudienceId

from .compile.constants import Text
from .compile.elements import AsText, Call, Expression, Named, Query, Variables
from .compile.standing import Standing
from .compile.where import Composer, Server, Site
from .literals import identifier, integer_list, text_list

SCHEMA = "postroad"
CONTACT = TableName("public", "contact")
TAGGED = TableName("public", "contact_tag")
TAG = TableName("public", "tag")
CONTACTS = Schema(
    (
        Table(
            CONTACT,
            (
                Column("id", Kind.INTEGER, is_nullable=False, type_words="bigint"),
                *(
                    Column(name, Kind.TEXT, is_nullable=False, type_words="text")
                    for name in (
                        "address",
                        "address_key",
                        "name",
                        "first_name",
                        "last_name",
                        "company",
                        "zone",
                    )
                ),
                Column("attributes", Kind.JSON, is_nullable=False, type_words="jsonb"),
                Column("created_at", Kind.MOMENT, is_nullable=False, type_words="timestamptz"),
                Column("changed_at", Kind.MOMENT, is_nullable=False, type_words="timestamptz"),
            ),
            ("id",),
        ),
        Table(
            TAGGED,
            (
                Column("id", Kind.INTEGER, is_nullable=False, type_words="bigint"),
                Column("contact_id", Kind.INTEGER, is_nullable=False, type_words="bigint"),
                Column("tag_id", Kind.INTEGER, is_nullable=False, type_words="bigint"),
            ),
            ("id",),
        ),
        Table(
            TAG,
            (
                Column("id", Kind.INTEGER, is_nullable=False, type_words="bigint"),
                Column("name", Kind.TEXT, is_nullable=False, type_words="text"),
            ),
            ("id",),
        ),
    ),
    (
        ForeignKey("contact", TAGGED, ("contact_id",), CONTACT, ("id",)),
        ForeignKey("tag", TAGGED, ("tag_id",), TAG, ("id",)),
    ),
)
"""What rules can ask of the contacts. The names of the foreign keys are ours, not the server's."""
SITE = Site(
    Server.POSTGRESQL,
    CONTACTS,
    Mapping(CONTACT, "id", "address", "name", "first_name", "last_name", "zone"),
    SCHEMA,
)
_OWN_FIELDS = ("address", "name", "first_name", "last_name", "company")
"""They win over attributes of the same name."""


def routine_name(audience_id: AudienceId, version: int) -> str:
    """Schema-qualified; never used twice, since versions are never replaced."""
    return f"{identifier(SCHEMA)}.{identifier(f'audience_{int(audience_id)}_v{int(version)}')}"


def compile_audience(definition: Definition, audience_id: AudienceId, version: int) -> Routine:
    """The routine of one version. ValueError for texts that no SQL literal can hold.

    It returns contact_key, address, address_key, name, zone and data: the
    variables of a mail, attributes first, so that the contact's own fields win.
    """
    name = routine_name(audience_id, version)
    sql = _HEAD.format(name=name) + _BODY.format(condition=_condition(definition))
    return Routine(name, sql, words_of(definition))


def compile_criteria(
    criteria: Criteria, words: str, audience_id: AudienceId, version: int
) -> Routine:
    """The same for criteria without a fault. CannotCompile names the rule that no SQL can say."""
    name = routine_name(audience_id, version)
    composer = Composer(SITE)
    person = composer.person()
    where = composer.where(criteria, person)
    body = composer.written(Query(_columns(person), person.alias, where), depth=1)
    return Routine(name, f"{_HEAD.format(name=name)}\n    {body};\nEND", words)


def _columns(person: Standing) -> list[Expression]:
    fields = [(name, _if_any(person.column(name)), Kind.TEXT) for name in _OWN_FIELDS]
    own = Call("jsonb_strip_nulls", Variables(fields))
    plain = ("address", "address_key", "name", "zone")
    return [
        Named(AsText(person.column("id")), "contact_key"),
        *(Named(person.column(name), name) for name in plain),
        Named(person.column("attributes").op("||")(own), "data"),
    ]


def _if_any(text: Expression) -> Expression:
    return Call("nullif", text, Text(""))


_HEAD = """\
CREATE FUNCTION {name}()
RETURNS TABLE (contact_key text, address text, address_key text, name text, zone text, data jsonb)
LANGUAGE sql STABLE
BEGIN ATOMIC"""

_BODY = """
    SELECT c.id::text,
           c.address,
           c.address_key,
           c.name,
           c.zone,
           c.attributes || jsonb_strip_nulls(jsonb_build_object(
               'address', c.address,
               'name', nullif(c.name, ''),
               'first_name', nullif(c.first_name, ''),
               'last_name', nullif(c.last_name, ''),
               'company', nullif(c.company, '')))
    FROM contact AS c
    WHERE {condition};
END"""


def _condition(definition: Definition) -> str:
    match definition:
        case Everyone():
            return "true"
        case Tagged(names):
            return _TAGGED.format(names=text_list(names))
        case HandPicked(contact_ids):
            return f"c.id IN {integer_list(contact_ids)}"
        case _:
            assert_never(definition)


_TAGGED = """\
EXISTS (
        SELECT FROM contact_tag AS ct
        JOIN tag AS t ON t.id = ct.tag_id
        WHERE ct.contact_id = c.id
          AND t.name IN {names})"""

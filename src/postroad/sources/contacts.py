"""The built-in source: a definition compiled to a function over the contacts.

The function is readable SQL bound when it is created (BEGIN ATOMIC): no text
is executed at run time, and a later search_path cannot change what it reads.
"""

from typing import assert_never

from postroad.core.audience import Definition, Everyone, HandPicked, Routine, Tagged, words_of
from postroad.core.ids import AudienceId

from .literals import identifier, integer_list, text_list

SCHEMA = "postroad"


def routine_name(audience_id: AudienceId, version: int) -> str:
    """Schema-qualified; never used twice, since versions are never replaced."""
    return f"{identifier(SCHEMA)}.{identifier(f'audience_{int(audience_id)}_v{int(version)}')}"


def compile_audience(definition: Definition, audience_id: AudienceId, version: int) -> Routine:
    """The routine of one version. ValueError for texts that no SQL literal can hold.

    It returns contact_key, address, address_key, name, zone and data: the
    variables of a mail, attributes first, so that the contact's own fields win.
    """
    name = routine_name(audience_id, version)
    sql = _FUNCTION.format(name=name, condition=_condition(definition))
    return Routine(name, sql, words_of(definition))


_FUNCTION = """\
CREATE FUNCTION {name}()
RETURNS TABLE (contact_key text, address text, address_key text, name text, zone text, data jsonb)
LANGUAGE sql STABLE
BEGIN ATOMIC
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

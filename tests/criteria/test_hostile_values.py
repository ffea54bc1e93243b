"""Values and names that would like to be more than that, under each setting of the servers.

Each finds exactly its own row or is refused with a clear text, and the tripwire table lives.
"""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from postroad.core.criteria.schema import Column, Kind, Mapping, Schema, Table, TableName
from postroad.core.criteria.tree import Operator
from postroad.sources.compile import postgresql
from postroad.sources.compile.routines import deployment
from postroad.sources.compile.statements import keys_sql
from postroad.sources.compile.where import CannotCompile, Server, Site
from postroad.testing.database import TestServer

from .servers import Place, mariadb_place, postgresql_place
from .shop import MARIADB, SCHEMA, criteria, rule

VALUES = (
    "",
    " ",
    "'",
    "''",
    "\\",
    "\\\\",
    "\\'",
    "\\'; DROP TABLE tripwire; --",
    "'; DROP TABLE tripwire; --",
    "' OR '1'='1",
    "\\\\'; DROP TABLE tripwire; --",
    '"; DROP TABLE tripwire; --',
    "`; DROP TABLE tripwire; --",
    "*/; DROP TABLE tripwire; /*",
    "/*! DROP TABLE tripwire */",
    "-- x",
    "# x",
    "$$",
    "$$; DROP TABLE tripwire; $$",
    "$people$; DROP TABLE tripwire; $people$",
    "E'",
    "%",
    "%s",
    "%(name)s",
    "%%",
    "_",
    "!",
    "!%",
    ":name",
    "::text",
    ":'name'",
    "?",
    "{}",
    "’; DROP TABLE tripwire; --",
    "ʼ",
    "＇",
    "\u00bf'; DROP TABLE tripwire; --",
    "縗'; DROP TABLE tripwire; --",
    "誠\\'",
    "\x01\x08\x0b\x1a\x1b\x7f",
    "\r\n",
    "a\nb",
    "a\n; DROP TABLE tripwire;",
    "\t",
    "\u0085\u200b\u202e\u2028\ufeff",
    "\\u0027; DROP TABLE tripwire; --",
    "\\x27",
    "\\047",
    "😀",
    "\U0010ffff\ufffe",
    "é",
    "e\u0301",
    "É",
    "x" * 1_000_000,
    "'" * 10_000 + "\\" * 10_000,
)
NAMES = (
    "a b",
    "a'b",
    'a"b',
    "a`b",
    "``",
    '""',
    "a\\",
    "$$",
    "%",
    "%s",
    "%(x)s",
    ":name",
    "a.b",
    "a;b",
    "*/ -- x",
    "'; DROP TABLE tripwire; --",
    '"; DROP TABLE tripwire; --',
    "`; DROP TABLE tripwire; --",
    "a\nb",
    "a\x01b",
    "’",
    "縗'",
    "select",
    "Select",
    "user",
    "value",
    "é",
    "(x)",
    "{x}",
    "1",
)
UNSPEAKABLE = ("\0", "a\0b", "\ud800", "a\udfff")
SETTINGS = {
    Server.POSTGRESQL: (
        "SET standard_conforming_strings = on",
        "SET standard_conforming_strings = off",
        "SET backslash_quote = off",
        "SET quote_all_identifiers = on",
    ),
    Server.MARIADB: (
        "SET sql_mode = DEFAULT",
        "SET sql_mode = 'NO_BACKSLASH_ESCAPES'",
        "SET sql_mode = 'ANSI_QUOTES'",
        "SET sql_mode = 'ANSI,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT'",
        "SET sql_mode = ''",
    ),
}
CASES = [(server, setting) for server in Server for setting in SETTINGS[server]]


@pytest.fixture(scope="module", params=CASES, ids=[setting for _, setting in CASES])
def hostile(request: pytest.FixtureRequest) -> Iterator[Place]:
    """A table with one row a value, put there as parameters, and the tripwire."""
    server, setting = request.param
    with ExitStack() as stack:
        if server is Server.POSTGRESQL:
            template = request.getfixturevalue("shop_template")
            postgres = request.getfixturevalue("postgres_server")
            place = stack.enter_context(postgresql_place(postgres, template, SCHEMA))
            text = 'text COLLATE "C"'
        else:
            mariadb = request.getfixturevalue("mariadb")
            place = stack.enter_context(mariadb_place(mariadb, MARIADB))
            stack.callback(place.run, "DROP SCHEMA routines")
            text = "longtext"
        place.run(
            "CREATE SCHEMA routines",
            f"CREATE TABLE {place.schema}.tripwire (n int)",
            f"INSERT INTO {place.schema}.tripwire VALUES (1)",
            f"CREATE TABLE {place.schema}.word (id int PRIMARY KEY, word {text})",
        )
        for number, value in enumerate(VALUES):
            sql = f"INSERT INTO {place.schema}.word VALUES (%s, %s) RETURNING id"
            assert place.rows(sql, number, value) == [(number,)]
        place.run(setting)
        yield place


def _site(place: Place, *columns: str) -> Site:
    name = TableName(place.schema, "word")
    texts = tuple(Column(one, Kind.TEXT) for one in columns or ("word",))
    table = Table(name, (Column("id", Kind.INTEGER), *texts), ("id",))
    mapping = Mapping(name, "id", texts[0].name, variables=tuple(one.name for one in texts))
    return Site(place.server, Schema((table,)), mapping, "routines")


def _lives(place: Place) -> bool:
    return place.rows(f"SELECT n FROM {place.schema}.tripwire") == [(1,)]


def test_a_value_finds_exactly_its_own_row(hostile: Place) -> None:
    site = _site(hostile)
    for number, value in enumerate(VALUES):
        found = hostile.rows(keys_sql(criteria(rule("word", Operator.IS, value)), site))
        assert found == [(number,)], value[:50]
    assert _lives(hostile)


def test_a_part_of_a_text_is_sought_as_it_is(hostile: Place) -> None:
    site = _site(hostile)
    for operator, has in (
        (Operator.CONTAINS, lambda word, part: part in word),
        (Operator.STARTS, lambda word, part: word.startswith(part)),
        (Operator.ENDS, lambda word, part: word.endswith(part)),
    ):
        for value in VALUES[:-2]:
            found = hostile.rows(keys_sql(criteria(rule("word", operator, value)), site))
            expected = [number for number, word in enumerate(VALUES) if has(word, value)]
            assert sorted(key for (key,) in found) == expected, (operator, value)
    assert _lives(hostile)


def test_all_of_them_at_once(hostile: Place) -> None:
    wanted = criteria(rule("word", Operator.IN, VALUES))
    found = hostile.rows(keys_sql(wanted, _site(hostile)))
    assert sorted(key for (key,) in found) == list(range(len(VALUES)))
    assert _lives(hostile)


def test_a_routine_holds_them_whatever_the_setting_when_it_runs(hostile: Place) -> None:
    setting = SETTINGS[hostile.server]
    short = VALUES[:-2]
    for number, is_atomic in enumerate((True, False)):
        name = f"held_{number}"
        wanted = criteria(rule("word", Operator.IN, short))
        words = "; ".join(short)
        made = deployment(wanted, _site(hostile), name, words, is_atomic=is_atomic)
        hostile.deploy(made)
        for one in setting:
            hostile.run(one)
            rows = hostile.call("routines", name)
            assert sorted(int(row[0]) for row in rows) == list(range(len(short)))
            assert {row[1] for row in rows} == set(short)
    assert _lives(hostile)


def test_what_no_column_can_hold_is_refused(hostile: Place) -> None:
    site = _site(hostile)
    for value in UNSPEAKABLE:
        for operator in (Operator.IS, Operator.CONTAINS):
            with pytest.raises(CannotCompile, match=r"Rule 1: .*(NUL|surrogate)"):
                keys_sql(criteria(rule("word", operator, value)), site)
        with pytest.raises(CannotCompile, match=r"NUL|surrogate"):
            keys_sql(criteria(rule(value, Operator.IS, "x")), _site(hostile, value))


def test_a_name_is_a_name(hostile: Place) -> None:
    """Each as a column, found by the row that has its own name in it."""
    names = [one for one in NAMES if one != "Select" or hostile.server is Server.POSTGRESQL]
    site = _site(hostile, *names)
    quote = '"' if hostile.server is Server.POSTGRESQL else "`"
    table = f"{hostile.schema}.{quote}named; DROP TABLE tripwire{quote}"
    quoted = [f"{quote}{name.replace(quote, quote * 2)}{quote}" for name in names]
    columns = ", ".join(f"{one} varchar(60)" for one in quoted)
    hostile.run(f"CREATE TABLE {table} (id int PRIMARY KEY, {columns})")
    for number, name in enumerate(names):
        cells = ["yes" if name == one else None for one in names]
        marks = ", ".join(["%s"] * (len(cells) + 1))
        sql = f"INSERT INTO {table} VALUES ({marks}) RETURNING id"
        assert hostile.rows(sql, number, *cells) == [(number,)]
    renamed = _renamed(site, "named; DROP TABLE tripwire")
    for number, name in enumerate(names):
        found = hostile.rows(keys_sql(criteria(rule(name, Operator.IS, "yes")), renamed))
        assert found == [(number,)], name
    made = deployment(criteria(), renamed, "named_v1", "names")
    hostile.deploy(made)
    assert len(hostile.call("routines", "named_v1")) == len(names)
    assert _lives(hostile)
    hostile.run(f"DROP TABLE {table} CASCADE")


def _renamed(site: Site, table: str) -> Site:
    name = TableName(site.mapping.table.schema, table)
    known = site.schema.tables[0]
    names = tuple(one.name for one in known.columns[1:])
    mapping = Mapping(name, "id", names[0], variables=names)
    schema = Schema((Table(name, known.columns, known.key),))
    return Site(site.server, schema, mapping, site.routines)


def test_every_word_that_the_server_knows_may_be_a_name(
    postgres_server: TestServer, shop_template: str
) -> None:
    with postgresql_place(postgres_server, shop_template, SCHEMA) as place:
        words = [
            postgresql.name(word) for (word,) in place.rows("SELECT word FROM pg_get_keywords()")
        ]
        columns = ", ".join(f"{word} int" for word in words)
        place.run(f"CREATE TEMP TABLE every ({columns})")
        ctes = ", ".join(f"{word} AS (SELECT 1)" for word in words)
        listed = ", ".join(f"every.{word}" for word in words)
        assert place.rows(f"WITH {ctes} SELECT {listed} FROM every") == []
        assert place.rows(f"SELECT 1 FROM every AS {words[0]}, every AS {words[-1]}") == []

"""Columns of MariaDB that cannot hold every text: nobody has what they cannot hold."""

from collections.abc import Iterator

import pytest

from postroad.core.criteria.schema import Column, Kind, Mapping, Schema, Table, TableName
from postroad.core.criteria.tree import Operator, Rule
from postroad.sources.compile.charsets import can_hold
from postroad.sources.compile.statements import keys_sql, select_sql
from postroad.sources.compile.where import Server, Site
from postroad.testing.mariadb import MariaDBServer

from .servers import Place, mariadb_place
from .shop import criteria, none_of, rule

SETS = ("latin1", "latin2", "ascii", "utf8mb3", "ucs2", "utf8mb4", "gbk", "cp1251", "sjis", "koi8r")
TEXTS = ("x", "é", "😀", "誠", "ж", "縗'", "")


@pytest.fixture(scope="module")
def narrow(mariadb: MariaDBServer) -> Iterator[Place]:
    columns = ", ".join(f"{name} varchar(9) character set {name}" for name in SETS)
    with mariadb_place(mariadb, f"CREATE TABLE narrow (id int PRIMARY KEY, {columns})") as place:
        for number, text in enumerate(TEXTS):
            cells = [text if can_hold(f"x character set {name}", text) else None for name in SETS]
            marks = ", ".join(["%s"] * (len(cells) + 1))
            place.rows(f"INSERT INTO narrow VALUES ({marks}) RETURNING id", number, *cells)
        yield place


def _site(place: Place) -> Site:
    name = TableName(place.schema, "narrow")
    words = {one: "" if one == "utf8mb4" else f" character set {one}" for one in SETS}
    columns = [Column(one, Kind.TEXT, type_words=f"varchar(9){words[one]}") for one in SETS]
    table = Table(name, (Column("id", Kind.INTEGER), *columns), ("id",))
    mapping = Mapping(name, "id", SETS[0], variables=SETS)
    return Site(Server.MARIADB, Schema((table,)), mapping)


def _found(place: Place, asked: Rule) -> list[int]:
    return sorted(key for (key,) in place.rows(keys_sql(criteria(asked), _site(place))))


@pytest.mark.parametrize("charset", SETS)
def test_a_text_finds_its_row_or_nobody(narrow: Place, charset: str) -> None:
    held = [can_hold(f"x character set {charset}", text) for text in TEXTS]
    for number, text in enumerate(TEXTS):
        itself = [number] if held[number] else []
        assert _found(narrow, rule(charset, Operator.IS, text)) == itself
        others = sorted(set(range(len(TEXTS))) - set(itself))
        assert _found(narrow, rule(charset, Operator.IS_NOT, text)) == others
        if text:
            assert _found(narrow, rule(charset, Operator.CONTAINS, text)) == itself
    everybody = [number for number, is_held in enumerate(held) if is_held]
    assert _found(narrow, rule(charset, Operator.IN, TEXTS)) == everybody
    assert _found(narrow, none_of(rule(charset, Operator.IN, ("😀😀",)))) == list(range(len(TEXTS)))


def test_columns_of_all_sets_make_one_object(narrow: Place) -> None:
    assert len(narrow.rows(select_sql(criteria(), _site(narrow)))) == len(TEXTS)

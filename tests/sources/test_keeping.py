"""Sources as they are kept, and what is done with them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from postroad.core.criteria.schema import Mapping, TableName
from postroad.core.ids import SourceId
from postroad.core.saved import Gone, Refused, Saved
from postroad.core.source.connection import Dialect, SourceFields, SourceTarget, Tls
from postroad.core.source.diagnosis import Diagnosis, SourceAnswers, SourceUnfit, Trouble
from postroad.core.source.drift import Change
from postroad.core.source.looking import Refreshed
from postroad.testing.customer import CustomerServer
from postroad.testing.shop import fields_of

if TYPE_CHECKING:
    from postroad.wiring.sources import Sources

ACTOR = "manager"
PERSON = TableName("public", "Person")


@pytest.fixture
def sources(database: str, tmp_path: Path) -> Iterator["Sources"]:
    from postroad.settings import Settings
    from postroad.web.django_settings import configure

    settings = Settings(home=tmp_path)
    configure(settings, database)
    from postroad.store.connection import close_connections
    from postroad.store.secrets import key_of
    from postroad.wiring.sources import Sources

    yield Sources(key_of(settings))
    close_connections()


def added(sources: "Sources", fields: SourceFields) -> SourceId:
    outcome = sources.add(fields, ACTOR)
    assert isinstance(outcome, Saved), outcome
    return outcome.id


def test_a_source_is_kept_with_its_passwords_sealed(
    sources: "Sources", database: str, shop: SourceTarget
) -> None:
    number = added(sources, fields_of(shop))
    assert sources.target(number) == shop
    with psycopg.connect(database) as connection:
        (row,) = connection.execute("SELECT source::text, deploy_password FROM source").fetchall()
    assert shop.deploy_password not in row[0]
    assert shop.deploy_password.encode() not in row[1]
    assert shop.deploy_password not in repr(sources.target(number))
    assert isinstance(sources.check(number), SourceAnswers)


def test_a_password_is_kept_taken_away_or_replaced(sources: "Sources", shop: SourceTarget) -> None:
    number = added(sources, fields_of(shop))
    changed = replace(fields_of(shop), name="Other", deploy_password=None, run_password="")
    assert sources.edit(number, changed, ACTOR) == Saved(number)
    target = sources.target(number)
    assert target is not None
    assert (target.deploy_password, target.run_password) == (shop.deploy_password, "")
    row = sources.get(number)
    assert row is not None
    assert (row.name, row.has_deploy_password, row.has_run_password) == ("Other", True, False)
    outcome = sources.check(number)
    assert isinstance(outcome, SourceUnfit)
    assert [each.trouble for each in outcome.diagnoses] == [Trouble.PASSWORD]


def test_a_name_is_taken_once(sources: "Sources", shop: SourceTarget) -> None:
    added(sources, fields_of(shop))
    outcome = sources.add(fields_of(shop, " Shop "), ACTOR)
    assert isinstance(outcome, Refused)
    assert outcome.faults.keys() == {"name"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"host": "http://db"}, "host"),
        ({"port": 0}, "port"),
        ({"database": ""}, "database"),
        ({"deploy_user": ""}, "deploy_user"),
        ({"run_user": "deploy"}, "run_user"),
        ({"schema": "Postroad; DROP"}, "schema"),
        ({"dialect": Dialect.MARIADB, "schema": "shop"}, "schema"),
        ({"tls": Tls.NONE, "ca_file": "/some/file"}, "ca_file"),
        ({"timeout_seconds": 0}, "timeout_seconds"),
        ({"deploy_password": "a\0b"}, "deploy_password"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    sources: "Sources", changes: dict[str, object], field: str
) -> None:
    sound = SourceFields(
        "Shop", Dialect.POSTGRESQL, "db.example.org", 5432, "shop", "deploy", "run", "x", "y"
    )
    outcome = sources.add(replace(sound, **changes), ACTOR)  # type: ignore[arg-type]
    assert isinstance(outcome, Refused)
    assert outcome.faults.keys() == {field}
    assert all(text.endswith(".") for text in outcome.faults.values())


def test_a_refresh_keeps_what_is_there_and_names_what_broke(
    sources: "Sources", customer: CustomerServer, own_shop: SourceTarget
) -> None:
    number = added(sources, fields_of(own_shop))
    assert isinstance(sources.map(number, Mapping(PERSON, "id", "E-Mail"), ACTOR), Refused)
    assert sources.refresh(number, ACTOR) == Refreshed(number, 6, (), ())
    look = sources.look(number, PERSON)
    assert not isinstance(look, Diagnosis | Gone)
    assert sources.map(number, look.guess.mapping, ACTOR) == Saved(number)
    customer.execute('ALTER TABLE "Person" DROP full_name, DROP born', own_shop.database)
    outcome = sources.refresh(number, ACTOR)
    assert isinstance(outcome, Refreshed)
    assert {each.name for each in outcome.broke} == {"born", "full_name"}
    assert [(each.change, each.name) for each in outcome.of_mapping] == [
        (Change.COLUMN_GONE, "full_name")
    ]
    assert sources.refresh(number, ACTOR) == Refreshed(number, 6, (), ())
    refused = sources.map(number, look.guess.mapping, ACTOR)
    assert isinstance(refused, Refused)
    assert "full_name" in refused.faults[""]


def test_what_was_seen_stays_when_the_source_is_away(
    sources: "Sources", shop: SourceTarget
) -> None:
    number = added(sources, fields_of(shop))
    sources.refresh(number, ACTOR)
    sources.edit(number, replace(fields_of(shop), deploy_password="wrong"), ACTOR)
    outcome = sources.refresh(number, ACTOR)
    assert isinstance(outcome, Diagnosis)
    assert outcome.trouble == Trouble.PASSWORD
    seen = sources.seen(number)
    assert seen is not None
    assert len(seen.tables) == 6


def test_a_source_that_an_audience_stands_on_stays(
    sources: "Sources", database: str, shop: SourceTarget
) -> None:
    number = added(sources, fields_of(shop))
    with psycopg.connect(database) as connection:
        connection.execute("INSERT INTO audience (name, source_id) VALUES ('A', %s)", [number])
    assert isinstance(sources.delete(number, ACTOR), Refused)
    with psycopg.connect(database) as connection:
        connection.execute("DELETE FROM audience")
    assert sources.delete(number, ACTOR) == Saved(number)
    assert isinstance(sources.delete(number, ACTOR), Gone)
    assert isinstance(sources.check(number), Gone)
    assert isinstance(sources.refresh(number, ACTOR), Gone)
    assert isinstance(sources.look(number, PERSON), Gone)

"""Criteria counted, deployed and run in a source, each by the account that may."""

from dataclasses import replace

import pytest

from postroad.core.criteria.schema import Mapping, Schema, TableName
from postroad.core.criteria.tree import (
    Condition,
    Criteria,
    Field,
    Group,
    GroupKind,
    Operator,
)
from postroad.core.source.connection import Dialect, SourceTarget
from postroad.core.source.diagnosis import Diagnosis, SourceRefusal, Trouble
from postroad.sources import audiences
from postroad.sources.asking import read_schema
from postroad.sources.compile.routines import Deployment
from postroad.sources.compile.where import Site
from postroad.testing.customer import CustomerServer
from postroad.testing.mariadb import MariaDBServer

from .maria import make_accounts


@pytest.fixture(params=list(Dialect))
def shop(request: pytest.FixtureRequest) -> SourceTarget:
    name = "shop" if request.param == Dialect.POSTGRESQL else "mariadb_shop"
    target: SourceTarget = request.getfixturevalue(
        "own_shop" if name == "shop" else "own_mariadb_shop"
    )
    return target


@pytest.fixture
def own_mariadb_shop(mariadb_server: MariaDBServer, mariadb_shop: SourceTarget) -> SourceTarget:
    """A schema for routines of the test's own."""
    mariadb_server.run_script("DROP DATABASE IF EXISTS own_routines")
    for user in ("own deploy", "own run"):
        mariadb_server.run_script(f"DROP USER IF EXISTS `{user}`@`%`")
    target = replace(
        mariadb_shop, schema="own_routines", deploy_user="own deploy", run_user="own run"
    )
    make_accounts(mariadb_server, target, "my_shop", "sales")
    return target


def site_of(target: SourceTarget) -> Site:
    schema = read_schema(target)
    assert isinstance(schema, Schema), schema
    place = "public" if target.dialect == Dialect.POSTGRESQL else target.database
    mapping = Mapping(TableName(place, "Person"), "id", "E-Mail", "full_name")
    return audiences.site_of(target, schema, mapping)


def wanting(column: str, operator: Operator, value: str | int) -> Criteria:
    rule = Condition(Field(column), operator, value)
    return Criteria(Group(GroupKind.ALL, (rule,)))


FEW = wanting("id", Operator.AT_MOST, 3)
NAMED = wanting("full_name", Operator.IS, "Person 7")


def keys(target: SourceTarget, name: str) -> list[str]:
    return sorted(str(row[0]) for row in audiences.run(target, name))


def test_drafts_are_counted_and_looked_at(shop: SourceTarget) -> None:
    site = site_of(shop)
    assert audiences.count(shop, FEW, site) == 3
    assert audiences.count(shop, NAMED, site) == 1
    rows = audiences.sample(shop, FEW, site, 2)
    assert not isinstance(rows, Diagnosis)
    assert [row[:3] for row in rows] == [
        ("1", "p1@example.org", "Person 1"), ("2", "p2@example.org", "Person 2"),
    ]  # fmt: skip


def test_the_run_account_runs_what_was_deployed(shop: SourceTarget) -> None:
    site = site_of(shop)
    assert isinstance(audiences.deploy(shop, FEW, site, "audience_1_v1", "few"), Deployment)
    assert keys(shop, "audience_1_v1") == ["1", "2", "3"]
    assert isinstance(audiences.deploy(shop, NAMED, site, "audience_1_v2", "one"), Deployment)
    assert keys(shop, "audience_1_v2") == ["7"]
    assert keys(shop, "audience_1_v1") == ["1", "2", "3"]


def test_no_version_is_replaced(shop: SourceTarget) -> None:
    site = site_of(shop)
    audiences.deploy(shop, FEW, site, "audience_1_v1", "few")
    outcome = audiences.deploy(shop, NAMED, site, "audience_1_v1", "one")
    assert isinstance(outcome, Diagnosis)
    assert outcome.trouble == Trouble.TAKEN
    assert keys(shop, "audience_1_v1") == ["1", "2", "3"]


def test_a_routine_that_is_not_there_is_told(shop: SourceTarget) -> None:
    with pytest.raises(SourceRefusal) as refused:
        keys(shop, "audience_9_v9")
    assert refused.value.diagnosis.trouble in (Trouble.GONE, Trouble.NOT_ALLOWED)


def test_the_run_account_deploys_nothing(shop: SourceTarget) -> None:
    swapped = replace(
        shop, deploy_user=shop.run_user, deploy_password=shop.run_password, database=shop.schema
        if shop.dialect == Dialect.MARIADB else shop.database,
    )  # fmt: skip
    outcome = audiences.deploy(swapped, FEW, site_of(shop), "audience_1_v1", "few")
    assert isinstance(outcome, Diagnosis)
    assert outcome.trouble in (Trouble.NOT_ALLOWED, Trouble.NO_DATABASE)


def test_a_draft_that_would_run_for_hours_is_stopped_and_says_so(
    customer: CustomerServer, own_shop: SourceTarget
) -> None:
    customer.execute(
        """CREATE VIEW endless AS SELECT n AS id, 'a@x.org'::text AS email
        FROM generate_series(1, 1000000000000) AS n""",
        own_shop.database,
    )
    site = site_of(own_shop)
    mapping = Mapping(TableName("public", "endless"), "id", "email")
    outcome = audiences.count(own_shop, FEW, replace(site, mapping=mapping))
    assert isinstance(outcome, Diagnosis)
    assert outcome.trouble == Trouble.TOO_SLOW
    assert "after 1 s" in outcome.text

"""`postroad source …`, as people give it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from postroad.core.source.connection import SourceTarget
from postroad.testing.customer import CustomerServer
from postroad.testing.database import private_home
from tests.cli.rig import Cli


@pytest.fixture
def cli(database: str) -> Any:
    with private_home() as home:
        yield Cli(home / "home", database)


def add(cli: Cli, shop: SourceTarget, *more: str, passwords: str = "") -> tuple[int, str]:
    url = f"postgresql://{quote(shop.deploy_user)}@{shop.host}:{shop.port}/{quote(shop.database)}"
    done = subprocess.run(
        [sys.executable, "-m", "postroad", "source", "add", "Shop", url,
         "--run-user", shop.run_user, "--tls", shop.tls.value, "--ca-file", shop.ca_file, *more],
        input=passwords or f"{shop.deploy_password}\n{shop.run_password}\n",
        env=cli.environment, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def told(cli: Cli, *words: str, code: int = 0) -> Any:
    done = cli.run_inside("source", *words, "--json")
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_a_source_is_added_tested_refreshed_and_mapped(
    cli: Cli, customer: CustomerServer, own_shop: SourceTarget
) -> None:
    assert "no source yet" in cli.run_inside("source", "list").stdout
    assert add(cli, own_shop) == (0, "Kept. Now `postroad source test Shop`.\n")
    works = told(cli, "test", "Shop")
    assert (works["works"], works["tables"], works["warnings"]) == (True, 6, [])
    assert told(cli, "refresh", "Shop")["tables"] == 6
    mapped = told(cli, "map", "Shop", "public.Person", "--take", "consent=")
    assert mapped["mapping"]["address"] == "E-Mail"
    assert mapped["mapping"]["consent"] == ""
    customer.execute('ALTER TABLE "Person" DROP COLUMN "full_name"', own_shop.database)
    broke = told(cli, "refresh", "Shop", code=3)
    assert [each["name"] for each in broke["of_mapping"]] == ["full_name"]
    assert cli.run_inside("source", "refresh", "Shop").stdout == "6 tables seen; nothing broke.\n"
    (listed,) = told(cli, "list")
    assert listed["mapping"]["table"] == {"schema": "public", "name": "Person"}
    assert own_shop.deploy_password not in json.dumps(listed)


def test_what_does_not_work_ends_with_1(cli: Cli, shop: SourceTarget, tmp_path: Path) -> None:
    assert add(cli, shop, passwords="wrong\nwrong\n")[0] == 0
    failed = told(cli, "test", "Shop", code=1)
    assert [each["trouble"] for each in failed["diagnoses"]] == ["password", "password"]
    done = cli.run_inside("source", "test", "Shop")
    assert done.returncode == 1
    assert "Deploy account: The server refused" in done.stdout
    done = cli.run_inside("source", "refresh", "Shop")
    assert done.returncode == 1
    assert "enter both again" in done.stderr
    assert cli.run_inside("source", "test", "Nobody").returncode == 1
    sql = cli.run_inside("source", "accounts", "Shop", "--read", "sales").stdout
    assert 'GRANT USAGE ON SCHEMA "sales" TO "shop deploy";' in sql


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://a@db/shop", "The address is not understood"),
        ("postgresql://a:secret@db/shop", "A password in the address"),
        ("postgresql://a@db:port/shop", "The address is not understood"),
        ("postgresql://a@db/", "No database is named"),
    ],
)
def test_addresses_that_cannot_be_are_refused(cli: Cli, url: str, said: str) -> None:
    done = cli.run_inside("source", "add", "Shop", url)
    assert done.returncode == 1
    assert said in done.stderr
    assert "secret" not in done.stderr

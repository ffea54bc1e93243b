"""The container file as its parser reads it; its health check asks a console that runs."""

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from dockerfile_parse import DockerfileParser

from postroad.cli.supervise_port import free_port
from postroad.testing.database import private_home
from postroad.testing.product import Product

ROOT = Path(__file__).parents[2]
FILE = ROOT / "deploy" / "container" / "Containerfile"
LOOKS_SECRET = re.compile(r"password|secret|token|key|DATABASE_URL|BROKER_URL", re.IGNORECASE)


@pytest.fixture(scope="module")
def parsed() -> DockerfileParser:
    return DockerfileParser(fileobj=io.BytesIO(FILE.read_bytes()))


def said(parsed: DockerfileParser, instruction: str) -> list[str]:
    """Of the last stage."""
    steps = parsed.structure
    last = max(at for at, step in enumerate(steps) if step["instruction"] == "FROM")
    return [str(step["value"]) for step in steps[last:] if step["instruction"] == instruction]


def test_what_builds_is_not_in_the_image(parsed: DockerfileParser) -> None:
    assert len(parsed.parent_images) == 2
    assert [copied.split()[0] for copied in said(parsed, "COPY")] == ["--from=built"]


def test_it_runs_as_nobody_in_particular(parsed: DockerfileParser) -> None:
    users = said(parsed, "USER")
    assert len(users) == 1
    assert all(int(number) >= 10_000 for number in users[0].split(":"))
    order = [step["instruction"] for step in parsed.structure]
    assert order.index("USER") > len(order) - 1 - order[::-1].index("RUN"), "nothing runs after it"


def test_no_secret_is_built_into_it(parsed: DockerfileParser) -> None:
    words = [
        str(step["value"]) for step in parsed.structure if step["instruction"] in ("ENV", "ARG")
    ]
    assert [word for word in words if LOOKS_SECRET.search(word)] == []
    sent = (FILE.parent / "Containerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in sent if line and not line.startswith("#")]
    assert rules == ["*", "!dist/postroad-*.whl", "!requirements/runtime.txt"]


def test_it_ends_in_order_and_says_where_it_listens(parsed: DockerfileParser) -> None:
    assert said(parsed, "STOPSIGNAL") == ["SIGTERM"]
    assert said(parsed, "EXPOSE") == ["8025"]
    assert json.loads(said(parsed, "ENTRYPOINT")[0]) == ["postroad"], "no shell keeps the signal"
    assert json.loads(said(parsed, "CMD")[-1]) == ["serve"]


def test_every_setting_in_it_is_one(parsed: DockerfileParser) -> None:
    known = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    named = re.findall(r"POSTROAD_\w+", FILE.read_text(encoding="utf-8"))
    assert [name for name in named if f"`{name}`" not in known] == []


@pytest.fixture
def product(database: str) -> Iterator[Product]:
    with private_home() as home:
        made = Product(home, database, {"POSTROAD_PORT": str(free_port("127.0.0.1"))})
        yield made
        made.end()


def is_healthy(parsed: DockerfileParser, product: Product) -> bool:
    command = json.loads(said(parsed, "HEALTHCHECK")[0].partition("CMD")[2])
    assert command[0] == "python"
    asked = subprocess.run(
        [sys.executable, *command[1:]],
        env=os.environ | dict(product.environment),
        capture_output=True, timeout=30, check=False,
    )  # fmt: skip
    return asked.returncode == 0


def test_the_health_check_tells_a_console_that_is_ready_from_one_that_is_not(
    parsed: DockerfileParser, product: Product
) -> None:
    assert not is_healthy(parsed, product)
    product.workers.append(product.start("serve"))
    product.until(lambda: is_healthy(parsed, product), "the console is ready")
    with psycopg.connect(product.dsn, autocommit=True) as connection:
        connection.execute("DELETE FROM django_migrations WHERE app = 'postroad'")
    assert not is_healthy(parsed, product), "the schema is not that of this version"

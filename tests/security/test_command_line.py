"""Bad input on the command line: one clear line that says what to do, and nothing made."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from postroad.cli.starting import BROKERS, CELERY_BROKERS
from postroad.testing.database import ended_with_us, private_home
from tests.cli.rig import Cli, eventually, line_with

SECRET = "a-word-nobody-may-read"
LOOP = "{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}"
GOOD = "Dear {{ name }},\n\nhello.\n"


@pytest.fixture
def cli(database: str) -> Iterator[Cli]:
    with private_home() as root, ended_with_us(root / "home"):
        yield Cli(root / "home", database)


def written(folder: Path, name: str, data: bytes) -> str:
    (folder / name).write_bytes(data)
    return str(folder / name)


@pytest.mark.fault(16)
@pytest.mark.parametrize(
    ("letter", "people", "more", "said"),
    [
        (b"\x89PNG\x00\x1a", b"e-mail\na@x.org\n", {}, "not text"),
        (b"Gr\xfc\xdfe", b"e-mail\na@x.org\n", {}, "not UTF-8"),
        (GOOD.encode(), b"e-mail\n\xff\xfe\x00a\n", {}, "UTF-8"),
        (GOOD.encode(), b"PNG\x00\x1a\n", {}, "NUL"),
        (GOOD.encode(), b"e-mail\na@x.org\n", {"--subject": "a\nBcc: eve@x.org"}, "line break"),
        (GOOD.encode(), b"e-mail\na@x.org\n", {"--from": "a@x.org\nBcc: e@x.org"}, "--from"),
        (b"Dear {{ name", b"e-mail\na@x.org\n", {}, "line 1"),
        (b"{{ x }}" * 400_000, b"e-mail\na@x.org\n", {}, "at most"),
    ],
)
def test_what_cannot_be_sent_is_refused_before_anything_is_made(
    letter: bytes, people: bytes, more: dict[str, str], said: str, cli: Cli, tmp_path: Path
) -> None:
    options = {"--subject": "Hello", "--from": "me@x.org"} | more
    asked = [word for pair in options.items() for word in pair]
    done = cli.run(
        "send", written(tmp_path, "letter.txt", letter), "--yes", "--to",
        written(tmp_path, "people.csv", people), *asked,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert cli.run("run", "list", "--json").stdout == "[]\n"


@pytest.mark.fault(16)
def test_an_endless_letter_fails_for_everybody_and_nothing_is_sent(
    cli: Cli, tmp_path: Path
) -> None:
    done = cli.run(
        "send", written(tmp_path, "letter.txt", LOOP.encode()), "--yes", "--to", "a@x.org, b@x.org",
        "--subject", "Hello", "--from", "me@x.org", "--json",
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode in (1, 3), said
    assert "does too much" in said
    assert "Traceback" not in said
    assert "accepted" not in done.stdout


@pytest.mark.parametrize(
    "dsn",
    [
        f"postgresql://me:{SECRET}@127.0.0.1:notaport/x",
        f"postgresql:/me:{SECRET}@127.0.0.1/x",
        f"postgresql://me:{SECRET}%zz@127.0.0.1/x",
        f"host=127.0.0.1 port=1 pasword={SECRET}",
    ],
)
def test_a_database_address_that_is_none_is_told_without_its_password(dsn: str, cli: Cli) -> None:
    other = Cli(cli.home, dsn)
    for command in (("up",), ("run", "list"), ("doctor", "--json"), ("work",), ("serve",)):
        done = other.run_inside(*command)
        assert done.returncode == 1, command
        assert "DATABASE_URL is not understood: write" in done.stderr, command
        assert SECRET not in done.stdout + done.stderr, command


@pytest.mark.parametrize("scheme", ["http", "pyamqp", "celery+sqs", "amqp:", ""])
def test_a_broker_that_cannot_ring_is_told_without_its_password(scheme: str, cli: Cli) -> None:
    other = Cli(cli.home, more={"BROKER_URL": f"{scheme}://me:{SECRET}@127.0.0.1/x"})
    for command in (("up",), ("work",), ("serve",)):
        done = other.run_inside(*command)
        assert done.returncode == 1, command
        assert "BROKER_URL names no broker that can ring" in done.stderr, command
        for other_scheme in BROKERS + CELERY_BROKERS:
            assert f" {other_scheme}://" in done.stderr, command
        assert SECRET not in done.stdout + done.stderr, command


def test_a_database_that_does_not_answer_is_told_without_its_password(cli: Cli) -> None:
    other = Cli(cli.home, f"postgresql://me:{SECRET}@127.0.0.1:1/x")
    for command in (("up",), ("run", "list"), ("doctor", "--json")):
        done = other.run(*command)
        said = done.stdout + done.stderr
        assert done.returncode == 1, (command, said)
        assert "DATABASE_URL" in said, (command, said)
        assert "Traceback" not in said, (command, said)
        assert SECRET not in said, (command, said)


def open_to_others(home: Path) -> list[str]:
    """What another account could read: files whose every folder lets it in."""
    found = []
    for path in [home, *home.rglob("*")]:
        ways = [parent for parent in path.parents if parent == home or home in parent.parents]
        is_reached = all(parent.stat().st_mode & 0o011 for parent in ways)
        is_program = "binaries" in path.parts
        if path.is_file() and is_reached and path.stat().st_mode & 0o044 and not is_program:
            found.append(f"{path.relative_to(home)} {path.stat().st_mode & 0o777:04o}")
    return found


def test_nothing_under_the_home_can_be_read_by_others(cli: Cli) -> None:
    with cli.started("up") as up:
        line_with(up, "Ctrl-C")
        assert eventually((cli.home / "inbox.sqlite").exists)
        assert {path.name for path in cli.home.iterdir()} >= {"secret.key", "log", "run"}
        assert open_to_others(cli.home) == []


def test_a_relays_password_is_in_no_export_no_log_and_no_report(cli: Cli, tmp_path: Path) -> None:
    done = cli.run(
        "send", written(tmp_path, "letter.txt", GOOD.encode()), "--yes", "--to", "Ann <a@x.org>",
        "--subject", "Hello", "--from", "me@x.org", "--json",
        "--relay", f"smtp://me:{SECRET}@127.0.0.1:1",
    )  # fmt: skip
    said = [done.stdout, done.stderr, cli.logs()]
    for command in (("doctor", "--json"), ("run", "list", "--json"), ("run", "export", "1")):
        told = cli.run(*command)
        said += [told.stdout, told.stderr]
    assert "Traceback" not in "".join(said)
    assert SECRET not in "".join(said)
    assert json.loads(said[3]), "the doctor told something"
    assert not any(SECRET.encode() in path.read_bytes() for path in cli.home.rglob("*.*")
                   if path.is_file())  # fmt: skip


def test_data_of_another_major_are_named_and_up_touches_nothing(cli: Cli) -> None:
    data = cli.home / "postgres" / "9"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("9\n")
    done = Cli(cli.home).run("up")
    assert done.returncode == 1
    assert "Install PostgreSQL 9" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in data.iterdir()] == ["PG_VERSION"]

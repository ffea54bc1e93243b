import json
from pathlib import Path

import pytest

from postroad.cli.doctor import Check
from postroad.cli.doctor_machine import database_check, home_checks, key_check
from postroad.settings import Settings

from .rig import Cli


def test_before_the_first_start_all_is_well_and_nothing_is_made(alone: Cli) -> None:
    done = alone.run("doctor", "--json")
    assert done.returncode == 0, done.stdout
    assert json.loads(done.stdout)["is_well"] is True
    assert not alone.home.exists()


def test_what_is_bad_is_told_with_what_to_do_and_ends_with_1(cli: Cli) -> None:
    cli.home.mkdir()
    key = cli.home / "secret.key"
    key.write_bytes(bytes(32))
    key.chmod(0o644)
    done = cli.run("doctor")
    assert done.returncode == 1
    assert f"chmod 600 {key}" in done.stdout
    assert "none is alive, nothing goes out: start `postroad up`." in done.stdout


def test_a_lost_key_is_told_and_no_new_one_is_made(cli: Cli) -> None:
    done = cli.run("doctor")
    assert done.returncode == 1
    assert "put it back from a backup" in done.stdout
    assert not (cli.home / "secret.key").exists()


def test_a_database_that_does_not_answer_is_bad(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/none")
    check, dsn = database_check(Settings(home=tmp_path))
    assert (check.level, dsn) == ("bad", "")
    assert "correct its address" in check.text


def test_data_of_another_major_without_its_programs_are_bad(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    data = tmp_path / "postgres" / "9"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("9\n")
    check, _ = database_check(Settings(home=tmp_path))
    assert check.level == "bad"
    assert "DATABASE_URL" in check.text


def test_a_damaged_key_is_bad(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    settings.key_file.write_bytes(b"short")
    assert key_check(settings, has_database=False).level == "bad"


def test_a_home_to_be_made_is_looked_for_where_it_will_be(tmp_path: Path) -> None:
    home, space = home_checks(Settings(home=tmp_path / "a" / "b"))
    assert home == Check("home", "ok", f"{tmp_path / 'a' / 'b'} is made at the first start")
    assert space.name == "space"

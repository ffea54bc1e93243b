"""The systemd units as systemd itself reads them, and what they promise beside."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from postroad.cli.starting import ATTENTION
from postroad.cli.work_pool import GRACE_BEYOND_SECONDS
from postroad.settings import Settings

UNITS = Path(__file__).parents[2] / "deploy" / "systemd"
SERVICES = sorted(UNITS.glob("*.service"), key=str)
PROGRAM = "/opt/postroad/bin/postroad"
MOST_EXPOSED = 20
"""In tenths of what `systemd-analyze security` gives; 10.0 is a service without any hardening."""


def analyze(*words: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not on this machine: there is nobody to read the units")
    return subprocess.run(
        ["systemd-analyze", "--no-pager", *words],
        cwd=cwd, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The units, with a program that is there."""
    for unit in UNITS.iterdir():
        text = unit.read_text(encoding="utf-8").replace(PROGRAM, sys.executable)
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    return tmp_path


def values(unit: Path, name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE)


def test_systemd_has_nothing_to_say_against_them(installed: Path) -> None:
    read = analyze("verify", "--man=no", *sorted(map(str, installed.iterdir())), cwd=installed)
    assert (read.returncode, read.stderr) == (0, "")


def test_a_word_that_systemd_does_not_know_is_found_out(installed: Path) -> None:
    unit = installed / "postroad-serve.service"
    unit.write_text(unit.read_text().replace("ProtectClock=", "ProtectClocks="), encoding="utf-8")
    assert "ProtectClocks" in analyze("verify", "--man=no", str(unit), cwd=installed).stderr


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)
def test_each_service_is_hardened(service: Path, installed: Path) -> None:
    options = ("--offline=yes", f"--threshold={MOST_EXPOSED}")
    read = analyze("security", *options, f"./{service.name}", cwd=installed)
    assert read.returncode == 0, read.stdout[-2000:]


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)
def test_no_secret_stands_in_a_unit(service: Path) -> None:
    told = [setting.partition("=")[0] for setting in values(service, "Environment")]
    assert set(told) == {"POSTROAD_KEY_FILE", "POSTROAD_HOME", "POSTROAD_LOG_JSON"}


def test_a_worker_is_given_longer_than_it_takes_to_drain() -> None:
    worker = UNITS / "postroad-work@.service"
    grace = Settings.model_fields["grace_seconds"].default
    assert values(worker, "KillSignal") == ["SIGTERM"]
    assert float(values(worker, "TimeoutStopSec")[0]) > grace + GRACE_BEYOND_SECONDS
    assert values(worker, "SuccessExitStatus") == [str(ATTENTION)]
    assert values(worker, "Restart") == ["on-failure"], "drained by a person: it stays away"

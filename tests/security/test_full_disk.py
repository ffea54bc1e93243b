"""A disk that fills up under the running product, and gets space again."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from postroad.testing.database import ended_with_us, private_home
from tests.cli.rig import Cli, eventually, line_with

from .visitor import Visitor

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk"),
]
PEOPLE = ",".join(f"person{n}@example.org" for n in range(30_000))


@pytest.fixture
def small() -> Iterator[Path]:
    """A disk of 300 MB."""
    with private_home() as root:
        disk = root / "disk"
        disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=300m,mode=711", "tmpfs", str(disk)]
        if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
            pytest.skip("may not mount a small disk here")
        try:
            with ended_with_us(disk / "home"):
                yield disk
        finally:
            subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(disk: Path) -> Path:
    """Takes what is left."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(64 * 1024))
        except OSError:
            pass
    return filler


@pytest.mark.fault(10)
def test_a_full_disk_is_told_and_all_goes_on_when_there_is_space_without_a_restart(
    small: Path,
) -> None:
    cli = Cli(small / "home")
    browser = Visitor()
    with cli.started("up") as up:
        link = line_with(up, r"Sign in +(http\S+)")[1]
        assert eventually(lambda: answers(browser, link))
        url = cli.state().url.rstrip("/")
        assert browser.post(link)[0] == 200
        paste = f"{url}/contacts/paste/"
        assert browser.post(paste, text="before@example.org")[0] == 200
        web = cli.state().children["web"].pid
        filler = fill(small)
        code, page = browser.post(paste, text=PEOPLE)
        assert code == 507, page
        assert "The disk is full" in page
        filler.unlink()
        assert eventually(lambda: browser.post(paste, text=PEOPLE)[0] == 200)
        code, page = browser.get(f"{url}/contacts/?q=before")
        assert "before@example.org" in page, "nothing is lost"
        assert "person29999@example.org" in browser.get(f"{url}/contacts/?q=person29999")[1]
        assert cli.state().children["web"].pid == web


def answers(browser: Visitor, url: str) -> bool:
    try:
        return browser.get(url)[0] == 200
    except OSError:
        return False

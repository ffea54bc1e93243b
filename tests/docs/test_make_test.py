"""`make test JOBS=2`: folders side by side, and one that does not pass fails the whole."""

from pathlib import Path

import pytest

from scripts.run_tests import main

PASSES = "def test_it() -> None:\n    assert True\n"
FAILS = "def test_that() -> None:\n    assert False\n"
ENDS = "import os\n\ndef test_it() -> None:\n    os._exit(0)\n"


def write(root: Path, **folders: str) -> None:
    for folder, text in folders.items():
        (root / folder).mkdir()
        (root / folder / f"test_{folder}.py").write_text(text, encoding="utf-8")


async def told(root: Path, capfd: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    """The exit code, and what was said but for the time it took."""
    code = await main(root, 2, ["-p", "no:cacheprovider", *options])
    return code, capfd.readouterr().out.rpartition(" in ")[0]


async def test_all_that_pass_are_one_sum(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, one=PASSES, two=PASSES, three=PASSES)
    code, said = await told(tmp_path, capfd)
    assert (code, said.endswith("\n===== 3 passed")) == (0, True)


async def test_what_fails_or_ends_too_early_fails_the_whole_and_is_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, good=PASSES, bad=FAILS, gone=ENDS)
    code, said = await told(tmp_path, capfd)
    assert code == 1
    assert said.endswith("\nNot passed: bad, gone\n===== 1 failed, 1 passed, 1 errors")
    assert "def test_that" in said


async def test_a_folder_of_which_nothing_is_chosen_is_no_fault_and_nothing_at_all_is(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, one=PASSES, two=FAILS)
    code, said = await told(tmp_path, capfd, "-k", "test_it")
    assert (code, said.endswith("\n===== 1 passed, 1 deselected")) == (0, True)
    assert (await told(tmp_path, capfd, "-k", "nobody"))[0] == 1

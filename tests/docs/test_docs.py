"""What the project's papers say is there, is there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from postroad.cli.main import app
from scripts.docs.__main__ import PAGES, drifted

ROOT = Path(__file__).resolve().parents[2]
PAPERS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("tests/**/*.md")])
RECORDS = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
SQL = ROOT / "src" / "postroad" / "engine" / "sql"
MOST_RECORD_LINES = 40
MOST_SHOT_OCTETS = 200_000
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`]+`|^ {4}\S.*$", re.DOTALL | re.MULTILINE)


def name_of(paper: Path) -> str:
    return str(paper.relative_to(ROOT))


def code_of(paper: Path) -> str:
    """What stands in typewriter letters, a line a piece; a line that ends in \\ goes on."""
    text = paper.read_text(encoding="utf-8").replace("\\\n", " ")
    return "\n".join(CODE.findall(text))


def known_tests() -> set[str]:
    found = (ROOT / "tests").rglob("test_*.py")
    pattern = re.compile(r"def (test_\w+)")
    return {name for path in found for name in pattern.findall(path.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("paper", PAPERS, ids=name_of)
def test_every_link_leads_somewhere(paper: Path) -> None:
    targets = LINK.findall(CODE.sub("", paper.read_text(encoding="utf-8")))
    local = [target.partition("#")[0] for target in targets if "://" not in target]
    assert [target for target in local if target and not (paper.parent / target).exists()] == []


@pytest.mark.parametrize("paper", PAPERS, ids=name_of)
def test_every_make_target_that_is_named_exists(paper: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))
    assert "demo" in targets
    assert set(re.findall(r"\bmake ([a-z]+)", code_of(paper))) <= targets


def commands(group: TyperGroup, name: str) -> Iterator[tuple[str, set[str]]]:
    """Every command with its options."""
    for word, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from commands(command, f"{name} {word}")
        else:
            yield f"{name} {word}", {option for one in command.params for option in one.opts}


@pytest.mark.parametrize("paper", PAPERS, ids=name_of)
def test_every_command_that_is_named_exists_with_its_options(paper: Path) -> None:
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    known = dict(commands(root, "postroad"))
    for said in re.findall(r"(?:^ {4}|`)(postroad [a-z].*?)(?:`|$)", code_of(paper), re.MULTILINE):
        words = said.split()
        name = next((n for n in (" ".join(words[:3]), " ".join(words[:2])) if n in known), None)
        is_group = said in ("postroad run", "postroad run …")
        assert name or is_group, f"there is no {said!r}"
        if name:
            assert {word for word in words if re.fullmatch(r"--[a-z-]+", word)} <= known[name]


def test_generated_pages_are_what_the_code_says() -> None:
    assert drifted(ROOT / "docs") == []


def test_a_changed_page_is_found_out(tmp_path: Path) -> None:
    for name, page in PAGES.items():
        (tmp_path / name).write_text(page(), encoding="utf-8")
    (tmp_path / "states.md").write_text("By hand.", encoding="utf-8")
    (tmp_path / "cli.md").unlink()
    assert drifted(tmp_path) == ["cli.md", "states.md"]


@pytest.mark.parametrize("paper", PAPERS, ids=name_of)
def test_every_test_that_is_named_exists(paper: Path) -> None:
    named = set(re.findall(r"`(test_\w+)`", paper.read_text(encoding="utf-8")))
    assert named <= known_tests()


def test_the_protocols_functions_are_those_of_the_engine() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    table = text.partition("| step |")[2].partition("\n\n")[0]
    named = {
        name
        for row in table.splitlines()[2:]
        for name in re.findall(r"`(\w+_\w+)`", row.split("|")[2])
    }
    assert len(named) > 20
    assert [name for name in named if not (SQL / "functions" / f"{name}.sql").is_file()] == []


def test_the_map_knows_every_folder() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    plan = text.partition("## The map")[2].partition("## ")[0]
    folders = {path.parent.name for path in (ROOT / "src" / "postroad").glob("*/__init__.py")}
    assert [name for name in folders if f"\n  {name}/" not in plan] == []
    modules = {path.name for path in (ROOT / "src" / "postroad").glob("*.py")}
    assert [name for name in re.findall(r"\b\w+\.py\b", plan) if name not in modules] == []


def test_every_folder_of_tests_is_explained() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    folders = {path.parent.name for path in (ROOT / "tests").glob("*/test_*.py")}
    rows = "\n".join(line for line in text.splitlines() if line.startswith("| "))
    assert [name for name in folders if not re.search(rf"\b{name}/", rows)] == []


def test_decisions_are_numbered_short_and_listed() -> None:
    index = (ROOT / "docs" / "decisions" / "README.md").read_text(encoding="utf-8")
    numbers = [int(record.name[:4]) for record in RECORDS]
    assert numbers == sorted(set(numbers))
    for record in RECORDS:
        text = record.read_text(encoding="utf-8")
        assert text.count("\n") <= MOST_RECORD_LINES, record.name
        assert re.findall(r"^## (.*)$", text, re.MULTILINE) == [
            "Context", "Decision", "Why", "Consequences",
        ]  # fmt: skip
        title = text.splitlines()[0].partition(". ")[2]
        assert f"({record.name}) | {title} |" in index, record.name


def test_the_picture_of_the_readme_is_a_small_png() -> None:
    shot = (ROOT / "docs" / "shots" / "console.png").read_bytes()
    assert shot.startswith(b"\x89PNG")
    assert len(shot) <= MOST_SHOT_OCTETS

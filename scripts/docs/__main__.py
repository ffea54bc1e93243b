"""`python -m scripts.docs [--write]`: the pages under docs/ that are made from the code.

Without `--write` it compares, names what has drifted and exits 1.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from scripts.docs.cli import cli_page
from scripts.docs.configuration import configuration_page
from scripts.docs.states import states_page

PAGES: Mapping[str, Callable[[], str]] = {
    "cli.md": cli_page,
    "configuration.md": configuration_page,
    "states.md": states_page,
}


def main(docs: Path, *, writes: bool) -> int:
    if writes:
        for name, page in PAGES.items():
            (docs / name).write_text(page(), encoding="utf-8")
        return 0
    stale = drifted(docs)
    for name in stale:
        print(f"docs/{name} is not what the code says.")
    return int(bool(stale))


def drifted(docs: Path) -> list[str]:
    """The pages that are missing or differ from what the code makes of them."""
    return [name for name, page in PAGES.items() if _text_of(docs / name) != page()]


def _text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


if __name__ == "__main__":
    root = Path(__file__).resolve().parent.parent.parent
    sys.exit(main(root / "docs", writes="--write" in sys.argv[1:]))

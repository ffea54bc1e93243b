"""The little Markdown that generated pages are made of."""

from collections.abc import Iterable, Sequence

MADE = "<!-- Made from {source} by `make docs`: change that, not this page. -->"


def page(title: str, source: str, *blocks: str) -> str:
    """A whole page; `source` names the file that it is made from."""
    return "\n\n".join((f"# {title}", MADE.format(source=source), *blocks)) + "\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def code(text: str) -> str:
    """In typewriter letters; '' stays ''."""
    return f"`{text}`" if text else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")

"""SQL of the sources, a query a file beside the code of its dialect."""

from functools import cache
from importlib.resources import files

from postroad.core.source.connection import Dialect


@cache
def query(dialect: Dialect, name: str) -> str:
    """The text of a query, its comments included."""
    path = files("postroad.sources").joinpath(dialect.value, "sql", f"{name}.sql")
    return path.read_text(encoding="utf-8")

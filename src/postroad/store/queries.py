"""SQL of the web side, a query a file under store/sql/queries."""

from functools import cache
from importlib.resources import files


@cache
def query(name: str) -> str:
    """The text of a query, its comments included."""
    path = files("postroad.store").joinpath("sql", "queries", f"{name}.sql")
    return path.read_text(encoding="utf-8")
